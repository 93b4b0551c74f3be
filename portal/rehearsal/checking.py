"""Reads the whole edition and compares it with what was asked for. Memory stays flat."""

import hashlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.db.models import Count, Q, QuerySet, Sum
from wagtail.models import ModelLogEntry

from competition.awards.models import AwardList
from competition.entries.models import Entry, Frame
from competition.entries.states import MOVES, State
from competition.judging.models import Assignment, Scorecard, Standing, StandingList
from media_processing.models import Derivative, MediaAsset
from media_processing.states import AssetState
from portal.notifications.models import Notice
from portal.rehearsal import journal
from portal.rehearsal.editions import the_edition
from portal.rehearsal.invariants import Check, first_problems, life_problem
from portal.rehearsal.size import Size
from portal.results.bundle.verify import verify as verify_bundle
from portal.results.models import Certificate, Package
from voting.ledger.verify import verify as verify_ledger
from voting.models import Ballot

FILES_READ = 100  # of each storage: to read them all would take longer than the rehearsal
VERBS = [f"competition.entry.{verb}" for verb in {move.verb for move in MOVES}]


def check_everything(size: Size) -> list[Check]:
    """Return every invariant of the edition, kept or not."""
    return [
        *_works(size),
        *_files(size),
        *_jury(),
        *_votes(size),
        *_awards(size),
        *_published(),
        Check("mails unsent", 0, Notice.objects.filter(sent_at=None).count()),
    ]


def _works(size: Size) -> list[Check]:
    works = the_edition().entries.all()
    ended = [State.ADMITTED, State.NOT_FORWARDED, State.REJECTED, State.DISQUALIFIED]
    numbers = works.exclude(number=None).values("number").distinct()
    return [
        Check("works", size.works, works.count()),
        Check("works' numbers, each once", size.works, numbers.count()),
        Check("works on their way for ever", 0, works.exclude(state__in=ended).count()),
        Check("lives with an illegal or unlogged move", [], first_problems(_lives(works))),
    ]


def _lives(works: QuerySet[Entry]) -> Iterator[str]:
    moves: dict[str, list[tuple[str, str]]] = defaultdict(list)
    kind = ContentType.objects.get_for_model(Entry)
    lines = ModelLogEntry.objects.filter(content_type=kind, action__in=VERBS)
    rows = lines.order_by("timestamp", "pk").values_list("object_id", "data__from", "data__to")
    for pk, source, target in rows.iterator():
        moves[pk].append((source, target))
    for pk, state in works.values_list("pk", "state").iterator():
        problem = life_problem(state, moves.get(str(pk), []))
        yield problem and f"work {pk}: {problem}"


def _files(size: Size) -> list[Check]:
    assets = MediaAsset.objects.all()
    ready = assets.filter(state=AssetState.READY)
    for role, kind in [("picture", "photo"), ("video", "video"), ("poster", "video")]:
        made = Derivative.objects.filter(role=role).values("asset")
        ready = ready.exclude(~Q(pk__in=made), kind=kind)
    frames = Frame.objects.filter(entry__edition=the_edition())
    originals = ((one.original, one.sha256) for one in _some(assets))
    derived = ((one.file, "") for one in _some(Derivative.objects.all()))
    return [
        Check("files", size.works, assets.count()),
        Check("frames, one a work", size.works, frames.values("entry").distinct().count()),
        Check("files in two works", 0, frames.count() - frames.values("asset").distinct().count()),
        Check("different files", size.works, assets.values("sha256").distinct().count()),
        Check("files ready, with all that is made of them", size.works, ready.count()),
        Check("originals that were read and differ", [], first_problems(_unlike(originals))),
        Check("derived files that can't be read", [], first_problems(_unlike(derived))),
    ]


def _some(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by("pk")[:: max(1, rows.count() // FILES_READ)]


def _unlike(files: Iterator[tuple[Any, str]]) -> Iterator[str]:
    for file, digest in files:
        try:
            with file.open("rb") as content:
                found = hashlib.file_digest(content, "sha256").hexdigest()
        except OSError as error:
            yield f"{file.name}: {error}"
        else:
            yield f"{file.name} is another file" if digest not in ("", found) else ""


def _jury() -> list[Check]:
    scoring = the_edition().rounds.get()
    dealt = Assignment.objects.filter(round=scoring)
    panels = scoring.panels.count()
    ranked = _ranks(StandingList.Source.JURY)
    admitted = the_edition().entries.filter(state=State.ADMITTED).count()
    uneven = dealt.values("entry").annotate(n=Count("pk")).exclude(n=scoring.readings * panels)
    cards = Scorecard.objects.filter(assignment__round=scoring)
    whole = cards.annotate(n=Count("scores")).filter(n=the_edition().criteria.count())
    return [
        Check("works with more or fewer readings than asked for", 0, uneven.count()),
        Check("scorecards", admitted * scoring.readings * panels, cards.count()),
        Check("scorecards with every criterion", cards.count(), whole.count()),
        Check("works the jury ranked", admitted, ranked.count()),
    ]


def _votes(size: Size) -> list[Check]:
    poll = the_edition().poll
    ballots, done = poll.ballots.all(), journal.read("votes")
    counted = ballots.filter(status=Ballot.Status.COUNTED).count()
    void = ballots.filter(status=Ballot.Status.VOID).count()
    ranked = _ranks(StandingList.Source.PUBLIC)
    admitted = the_edition().entries.filter(state=State.ADMITTED).count()
    leaves = poll.batches.aggregate(Sum("size"))["size__sum"] or 0
    ledger = poll.ledgers.latest("version")
    return [
        Check("ballots", size.votes, ballots.count()),
        Check("ballots that voters were told of", done["cast"], ballots.count()),
        Check("second votes refused", done["batches"], done["refused"].get("already_today", 0)),
        Check("ballots with evidence", size.votes, ballots.exclude(evidence=None).count()),
        Check("ballots above the day's limit", 0, _above(ballots, poll.votes_per_day)),
        Check("ballots sealed", size.votes, ballots.exclude(batch=None).count()),
        Check("leaves of the tree", size.votes, leaves),
        Check("ballots counted or void", size.votes, counted + void),
        Check("ballots in the standings", counted, ranked.aggregate(n=Sum("readings"))["n"]),
        Check("works the public ranked", admitted, ranked.count()),
        Check("lines of the ledger", size.votes, ledger.lines),
    ]


def _above(ballots: QuerySet[Ballot], limit: int) -> int:
    return ballots.filter(slot__gt=limit).count()


def _ranks(source: str) -> QuerySet[Standing]:
    lists = StandingList.objects.filter(edition=the_edition(), source=source)
    return Standing.objects.filter(standing_list=lists.latest("version"))


def _awards(size: Size) -> list[Check]:
    awards = AwardList.objects.filter(edition=the_edition()).latest("version")
    given = awards.awards.all()
    wanted = {code: sum(kinds.values()) for code, kinds in size.places().items()}
    rows = given.values_list("category__code").annotate(Count("pk")).order_by("category__code")
    certificates = Certificate.objects.exclude(award=None)
    lost = given.exclude(entry__state=State.ADMITTED)
    return [
        Check("awards by category", wanted, dict(rows)),
        Check("awarded works, each once", size.awards, given.values("entry").distinct().count()),
        Check("awards of works that don't take part", 0, lost.count()),
        Check("state of the awards", AwardList.State.PUBLISHED.value, awards.state),
        Check("certificates of awards", size.awards, certificates.count()),
        Check("works that lost theirs on notice", 1, awards.replacements.count()),
    ]


@contextmanager
def _on_disk(file: File) -> Iterator[Path]:
    """Bring the file from wherever it is kept."""
    with tempfile.TemporaryDirectory() as folder, file.open("rb") as source:
        path = Path(folder) / Path(str(file.name)).name
        with path.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield path


def _published() -> list[Check]:
    """Verify what was published as every stranger can: from the files alone."""
    ledger = the_edition().poll.ledgers.latest("version")
    with _on_disk(ledger.file) as path:
        problems = verify_ledger(path, root=ledger.root, sha256=ledger.digest).problems
    checks = [Check("verify_poll: problems", [], first_problems(problems))]
    for package in Package.objects.order_by("kind"):
        checks.append(Check(f"{package.kind}: state", "ready", package.state))
        if package.kind in (Package.Kind.BUNDLE, Package.Kind.NOTICE_BUNDLE) and package.file:
            with _on_disk(package.file) as path:
                problems = verify_bundle(path, root=package.root).problems
            name = f"verify_results: problems of the {package.kind}"
            checks.append(Check(name, [], first_problems(problems)))
    return checks
