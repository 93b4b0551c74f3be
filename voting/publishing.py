"""Publishing the ledger: one file, written as a stream, checked as a stranger would check it."""

import json
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext
from wagtail.log_actions import log

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from portal.accounts.models import User
from voting.ledger.container import LedgerFile, gzip_chunks
from voting.ledger.lines import BallotLine, BatchLine, ledger_lines
from voting.ledger.verify import LedgerCheck, verify
from voting.models import Ballot, Ledger, Poll
from voting.queries import lock_poll
from voting.sealed import (
    CAST_FIELDS,
    Cast,
    as_line,
    minute_of,
    pseudonym_of,
    rules_of,
    works_of,
)
from voting.sealing import seal_all
from voting.services import PollRefused

ROWS = 5000  # read at once


def publish_ledger(*, poll: Poll, actor: User | None) -> Ledger:
    """Write the next version of the closed poll's ledger; return it.

    Raises PollRefused while ballots are to be reviewed, when nothing has changed since the last
    version, and when what was written does not pass its own check.
    """
    with transaction.atomic(), tempfile.TemporaryDirectory() as folder:
        poll = lock_poll(poll)
        _refuse_too_early(poll)
        seal_all(poll)
        path = Path(folder) / "ledger.jsonl.gz"
        check = _write(poll, path)
        return _keep(poll, path, check, actor)


def ledger_name(ledger: Ledger) -> str:
    """Return the name of the file as it is downloaded: with the beginning of its digest."""
    slug = ledger.poll.edition.slug
    return f"poll-{slug}-v{ledger.version}-{ledger.digest[:12]}.jsonl.gz"


def _write(poll: Poll, path: Path) -> LedgerCheck:
    """Write the file, then read it as everybody will. Raises PollRefused."""
    numbers = {work.pk: str(work.number) for work in works_of(poll)}
    header, batches = _header(poll), _batches(poll)
    try:
        # Closed on the way out: on PostgreSQL its rows come through a cursor of the transaction.
        with path.open("wb") as file, closing(_ballots(poll, numbers)) as ballots:
            file.writelines(gzip_chunks(ledger_lines(header, ballots, batches)))
        check = verify(path)
        problems = check.problems
    except ValueError as error:  # ballots are missing, or there are too many
        problems = [str(error)]
    if problems:
        raise PollRefused(
            gettext(
                "Nothing was published: the ballots do not agree with what was sealed. "
                "Please keep the database as it is and show this to whoever runs the site:"
            ),
            *problems,
        )
    return check


def _refuse_too_early(poll: Poll) -> None:
    if poll.closed_at is None:
        raise PollRefused(gettext("Nothing was published: the poll is still open. Close it first."))
    waiting = poll.ballots.filter(status=Ballot.Status.QUARANTINED).count()
    if waiting:
        raise PollRefused(
            gettext(
                "Nothing was published: %(n)d ballots are set aside and not reviewed yet. "
                "Decide on them first; then publish."
            )
            % {"n": waiting}
        )
    if not poll.pseudonym_key and not poll.ledgers.exists():
        raise PollRefused(
            gettext("Nothing was published: the key of the pseudonyms is destroyed already.")
        )


def _keep(poll: Poll, path: Path, check: LedgerCheck, actor: User | None) -> Ledger:
    last = poll.ledgers.order_by("-version").first()
    if last and last.digest == check.digest:
        raise PollRefused(
            gettext("Nothing has changed since version %(n)d, so it stays the last one.")
            % {"n": last.version}
        )
    ledger = Ledger(
        poll=poll,
        version=last.version + 1 if last else 1,
        lines=check.tree.size,
        root=check.root,
        digest=check.digest,
        tally=[[work, *counts] for work, counts in check.counts.items()],
    )
    with path.open("rb") as file:
        ledger.file.save(ledger_name(ledger), File(file), save=True)
    data = {"version": ledger.version, "root": ledger.root, "digest": ledger.digest}
    log(instance=poll, action="voting.ledger.publish", user=actor, data=data)
    return ledger


def _header(poll: Poll) -> dict[str, Any]:
    phase = find_phase(poll.edition, Phase.Kind.VOTING)
    opens_at, closes_at = _window(poll, phase)
    works = works_of(poll).values_list("number", "section__title")
    return rules_of(poll) | {
        "opens_at": minute_of(opens_at),
        "closes_at": minute_of(closes_at),
        "entries": [list(work) for work in works],
    }


def _window(poll: Poll, phase: Phase | None) -> tuple[datetime, datetime]:
    if phase is None:
        raise PollRefused(
            gettext("Nothing was published: the edition has no voting phase. Add it again first.")
        )
    return phase.opens_at, phase.closes_at


def _batches(poll: Poll) -> list[BatchLine]:
    batches = poll.batches.order_by("number").defer("hashes")
    return [
        BatchLine(one.number, one.first_leaf, one.size, one.root, minute_of(one.sealed_at))
        for one in batches
    ]


def _ballots(poll: Poll, numbers: dict[int, str]) -> Generator[BallotLine, None, None]:
    fields = [*CAST_FIELDS, "status", "code"]
    rows = poll.ballots.order_by("leaf").values_list(*fields)
    known = None if poll.pseudonym_key else _published_pseudonyms(poll)
    stream = cast(Generator[Any, None, None], rows.iterator(chunk_size=ROWS))
    with closing(stream):
        for *seen, status, code in stream:
            one = Cast(*seen)
            pseudonym = pseudonym_of(poll, one.voter) if known is None else next(known)
            why = code if status == Ballot.Status.VOID else ""
            yield as_line(one, pseudonym=pseudonym, number=numbers[one.entry_id], code=why)


def _published_pseudonyms(poll: Poll) -> Iterator[str]:
    """Yield the pseudonyms in leaf order from the last ledger: their key is destroyed."""
    last = poll.ledgers.order_by("-version")[0]
    with last.file.open("rb") as file:
        for line in LedgerFile(cast(BinaryIO, file)).lines():
            values = json.loads(line)
            if values["type"] == "ballot":
                yield values["pseudonym"]
