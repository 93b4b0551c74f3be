"""What is asked of rounds, scorecards and standings. Everything here costs constant queries."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from math import ceil
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.crypto import salted_hmac

from competition.editions.models import Phase, Section
from competition.editions.queries import find_phase
from competition.editions.weighing import Number
from competition.entries.models import Entry, Frame
from competition.entries.states import State
from competition.judging.measures import VERDICT, value_of_verdict
from competition.judging.minutes import minutes_to_do
from competition.judging.models import (
    Assignment,
    Judge,
    Round,
    Scorecard,
    Standing,
    StandingList,
)
from competition.judging.scoring import Sheet
from media_processing.queries import prefetch_derivatives
from portal.accounts.models import User


class RoundState(StrEnum):
    WAITING = "waiting"  # for the judging phase, or for the close of the earlier round
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"  # by the organiser, or by the clock


def round_state(round: Round, at: datetime | None = None) -> RoundState:
    """Return where the round stands at `at` (default: now)."""
    if round.closed_at is not None:
        return RoundState.CLOSED
    phase = find_phase(round.edition, Phase.Kind.JUDGING)
    if phase is None or waits_for(round) is not None:
        return RoundState.WAITING
    if phase.is_open(at):
        return RoundState.PAUSED if round.paused_at else RoundState.OPEN
    return RoundState.CLOSED if phase.has_closed(at) else RoundState.WAITING


def waits_for(round: Round) -> Round | None:
    """Return the earlier round whose close this one waits for, if it is not closed yet."""
    earlier = round.earlier
    return earlier if earlier is not None and earlier.closed_at is None else None


def is_round_open(round: Round, at: datetime | None = None) -> bool:
    """Tell whether scores are taken: by the clock, unless the organiser paused or closed it."""
    return round_state(round, at) is RoundState.OPEN


def entries_of_round(round: Round) -> QuerySet[Entry]:
    """Return the works that the round takes: of its sections, admitted, and by its rule.

    The rule reads the frozen standings of the earlier round; until there are some, nothing but
    the hand-picked works is taken.
    """
    works = Entry.objects.filter(
        edition_id=round.edition_id, section__in=round.sections.all(), state=State.ADMITTED
    )
    if round.takes == Round.Takes.ALL:
        return works
    return works.filter(Q(pk__in=_going_on(round)) | Q(pk__in=round.picked.values("pk")))


def _going_on(round: Round) -> QuerySet[Standing, Any]:
    """Return the ids of works that the earlier round lets through; ties with the last one too."""
    frozen = round.earlier and frozen_of_round(round.earlier)
    lines = Standing.objects.filter(standing_list=frozen)
    if round.takes == Round.Takes.LEAST:
        return lines.filter(value__gte=round.least).values("entry")
    inside = Q(pk__in=[])
    for section_id, places in round.earlier.places.values_list("section", "places"):
        inside |= Q(entry__section=section_id, rank__lte=places)
    return lines.filter(inside).values("entry")


def unscored_entries(round: Round) -> QuerySet[Entry]:
    """Return the round's works that nobody has scored: closing the round leaves them unranked."""
    scored = Scorecard.objects.filter(assignment__round=round).values("assignment__entry_id")
    return entries_of_round(round).exclude(pk__in=scored)


def works_by_readings(round: Round) -> list[tuple[Section, dict[int, int]]]:
    """Return, for each section, how many works have 0, 1, 2 ... scorecards; two queries."""
    scored = Count("assignments__scorecard", filter=Q(assignments__round=round))
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    works = entries_of_round(round).order_by().annotate(cards=scored)
    for section_id, cards in works.values_list("section", "cards"):
        counts[section_id][cards] += 1
    sections = round.sections.order_by("pk")
    return [(one, dict(sorted(counts[one.pk].items()))) for one in sections]


def frozen_of_round(round: Round) -> StandingList | None:
    """Return the newest frozen list of the round's whole jury, or None before it is closed."""
    lists = round.standing_lists.filter(source=StandingList.Source.JURY)
    return lists.order_by("-version").first()


def latest_standings(edition: object, source: str) -> StandingList | None:
    """Return the newest frozen list of this source, or None while nothing is frozen.

    Of a jury: of its last round that scores. A shortlisting decides who goes on, not who wins.
    """
    lists = StandingList.objects.filter(edition=edition, source=source)
    if source != StandingList.Source.PUBLIC:
        scoring = Round.objects.filter(edition=edition, kind=Round.Kind.SCORING)
        lists = lists.filter(round=scoring.order_by("-number").first())
    return lists.order_by("-version").first()


@dataclass(frozen=True)
class JudgeProgress:
    """How far a judge is in a round; counts of works."""

    judge: Judge
    done: int
    total: int


def round_progress(round: Round) -> list[JudgeProgress]:
    """Return the progress of every judge on the round's panels; one query."""
    theirs = Q(assignments__round=round, assignments__entry__state=State.ADMITTED)
    judges = (
        Judge.objects.filter(panel__rounds=round)
        .select_related("user", "panel")
        .annotate(
            total=Count("assignments", filter=theirs),
            done=Count("assignments__scorecard", filter=theirs),
        )
        .order_by("panel", "pk")
    )
    return [JudgeProgress(judge, judge.done, judge.total) for judge in judges]


def sheets_of(round: Round) -> list[Sheet]:
    """Return the round's scorecards of admitted works, each judge's in the order of time.

    A scorecard may lack a criterion that was added after it was filled in.
    """
    scores: dict[tuple[int, int, int], dict[str, Number]] = defaultdict(dict)
    cards = _cards(round).filter(assignment__entry__state=State.ADMITTED)
    for scorecard_id, judge_id, entry_id, code, value in _given(cards, round.kind):
        scores[scorecard_id, judge_id, entry_id][code] = value
    turns: Counter[int] = Counter()
    sheets = []
    for (_scorecard_id, judge_id, entry_id), theirs in scores.items():
        turns[judge_id] += 1
        sheets.append(Sheet(judge_id, entry_id, theirs, turns[judge_id]))
    return sheets


def scores_by_card(round: Round) -> dict[int, dict[str, Number]]:
    """Return the scores by measure of every scorecard, by its id, whatever became of the work."""
    scores: dict[int, dict[str, Number]] = defaultdict(dict)
    for scorecard_id, _judge, _entry, code, value in _given(_cards(round), round.kind):
        scores[scorecard_id][code] = value
    return scores


def _cards(round: Round) -> QuerySet[Scorecard]:
    """Return the round's scorecards in the order of time."""
    return Scorecard.objects.filter(assignment__round=round).order_by("created_at", "pk")


def _given(cards: QuerySet[Scorecard], kind: str) -> Iterator[tuple[int, int, int, str, Number]]:
    """Yield (scorecard, judge, entry, measure, value) in the order of the cards."""
    whose = ("pk", "assignment__judge", "assignment__entry")
    if kind == Round.Kind.SHORTLISTING:
        verdicts = cards.filter(verdict__isnull=False).values_list(*whose, "verdict")
        yield from ((*row, VERDICT, value_of_verdict(verdict)) for *row, verdict in verdicts)
    else:
        scored = cards.filter(scores__isnull=False)
        yield from scored.values_list(*whose, "scores__criterion__code", "scores__value")


WORKS_AHEAD = 6  # so many are scored in some minutes without a line

# --- The judge's room -----------------------------------------------------------------------


def assignments_of(user: User) -> QuerySet[Assignment]:
    """Return what this person has to read: admitted works alone, in the person's own order."""
    return Assignment.objects.filter(judge__user=user, entry__state=State.ADMITTED)


@dataclass(frozen=True)
class Stack:
    """The works of one round that one judge has to read."""

    round: Round
    judge: Judge
    state: RoundState
    done: int
    total: int
    later: int = 0  # set aside, not scored
    minutes_left: int = 0

    @property
    def key(self) -> str:
        """Return what tells this stack from the person's others."""
        return f"{self.round.pk}-{self.judge.pk}"

    @property
    def to_do(self) -> int:
        return self.total - self.done

    @property
    def is_open(self) -> bool:
        return self.state is RoundState.OPEN

    @property
    def phase(self) -> Phase | None:
        return find_phase(self.round.edition, Phase.Kind.JUDGING)


def stacks_of(user: User) -> list[Stack]:
    """Return the person's stacks: open ones first, then the latest."""
    counted = (
        assignments_of(user)
        .order_by()
        .values("round", "judge")
        .annotate(
            total=Count("pk"),
            done=Count("scorecard"),
            later=Count("pk", filter=Q(scorecard=None, set_aside_at__isnull=False)),
        )
    )
    minutes = minutes_to_do(assignments_of(user))
    counts = {(row["round"], row["judge"]): row for row in counted}
    rounds = {
        round.pk: round
        for round in Round.objects.filter(pk__in={key[0] for key in counts})
        .select_related("edition", "earlier")
        .prefetch_related("edition__phases", "edition__criteria")
    }
    judges = Judge.objects.select_related("panel").in_bulk([key[1] for key in counts])
    stacks = [
        Stack(
            round=rounds[round_id],
            judge=judges[judge_id],
            state=round_state(rounds[round_id]),
            done=row["done"],
            total=row["total"],
            later=row["later"],
            minutes_left=ceil(minutes[round_id, judge_id]),
        )
        for (round_id, judge_id), row in counts.items()
    ]
    return sorted(stacks, key=lambda stack: (not stack.is_open, -stack.round.pk, stack.judge.pk))


def works_in(stack: Stack) -> QuerySet[Assignment]:
    """Return the stack's assignments with all that a grid of works shows."""
    return (
        Assignment.objects.filter(round=stack.round, judge=stack.judge, entry__state=State.ADMITTED)
        .select_related("entry__section", "scorecard")
        .prefetch_related(_frames("entry__frames"), "scorecard__scores__criterion")
        .order_by("position")
    )


def first_to_do(stack: Stack) -> UUID | None:
    """Return the stack's first work without scores; what was set aside comes last."""
    works = Assignment.objects.filter(
        round=stack.round, judge=stack.judge, entry__state=State.ADMITTED, scorecard=None
    )
    latest = F("set_aside_at").asc(nulls_first=True)
    return works.order_by(latest, "position").values_list("pk", flat=True).first()


def find_assignment(user: User, pk: UUID) -> Assignment | None:
    """Return the person's own assignment with the whole work; None when it is not theirs."""
    return (
        assignments_of(user)
        .filter(pk=pk)
        .select_related(
            "round__edition", "round__earlier", "judge__panel", "entry__section", "scorecard"
        )
        .prefetch_related(
            "round__edition__phases",
            "round__edition__criteria",
            _frames("entry__frames"),
            "scorecard__scores__criterion",
        )
        .first()
    )


def _frames(lookup: str) -> Prefetch:
    frames = Frame.objects.select_related("asset").prefetch_related(prefetch_derivatives("asset"))
    return Prefetch(lookup, queryset=frames)


def scores_of(scorecard: Scorecard | None) -> dict[str, int]:
    """Return the scores by code of measure; none while there is no scorecard."""
    if scorecard is None:
        return {}
    if scorecard.verdict:
        return {VERDICT: scorecard.verdict}
    return {score.criterion.code: score.value for score in scorecard.scores.all()}


@dataclass(frozen=True)
class Place:
    """Where a work stands in the judge's own order, and the ways on.

    `ahead`: the next works to do, at most WORKS_AHEAD, that a page gets ready. `works`: all that
    the judge has to read in the round.
    """

    total: int
    done: int
    previous: UUID | None
    next: UUID | None
    ahead: list[UUID]
    later: int
    works: QuerySet[Assignment]

    @property
    def next_to_do(self) -> UUID | None:
        return self.ahead[0] if self.ahead else None

    @cached_property
    def minutes_left(self) -> int:
        """Return how long the works to do take; asked for by pages alone, not by each save."""
        return ceil(sum(minutes_to_do(self.works).values()))


def place_of(assignment: Assignment) -> Place:
    """Return the assignment's place; `ahead` goes on after it and then from the start.

    What was set aside comes after all others, in the order in which it was set aside.
    """
    theirs = Assignment.objects.filter(
        round=assignment.round_id, judge=assignment.judge_id, entry__state=State.ADMITTED
    )
    rows = list(
        theirs.order_by("position").values_list("pk", "scorecard", "set_aside_at", named=True)
    )
    ids = [row.pk for row in rows]
    index = ids.index(assignment.pk)
    to_do = [row for row in rows[index + 1 :] + rows[:index] if row.scorecard is None]
    now = [row for row in to_do if row.set_aside_at is None]
    later = sorted((row for row in to_do if row.set_aside_at), key=lambda row: row.set_aside_at)
    return Place(
        total=len(rows),
        done=sum(1 for row in rows if row.scorecard is not None),
        previous=ids[index - 1] if index else None,
        next=ids[index + 1] if index + 1 < len(ids) else None,
        ahead=[row.pk for row in now + later][:WORKS_AHEAD],
        later=sum(1 for row in rows if row.scorecard is None and row.set_aside_at),
        works=theirs,
    )


def reader_key(user: User) -> str:
    """Return what tells this person from others on the same browser, and nothing else."""
    return salted_hmac("competition.judging.reader", str(user.pk)).hexdigest()[:16]


def is_judge(user: User) -> bool:
    """Tell whether the person sits on any panel."""
    return Judge.objects.filter(user=user).exists()
