"""What is asked of rounds, scorecards and standings. Everything here costs constant queries."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.crypto import salted_hmac

from competition.editions.models import Phase
from competition.editions.queries import find_phase
from competition.entries.models import Entry, Frame
from competition.entries.states import State
from competition.judging.minutes import minutes_to_do
from competition.judging.models import (
    Assignment,
    Judge,
    Round,
    Score,
    Scorecard,
    StandingList,
)
from competition.judging.scoring import Sheet
from media_processing.queries import prefetch_derivatives
from portal.accounts.models import User


class RoundState(StrEnum):
    WAITING = "waiting"  # the judging phase has not come yet
    OPEN = "open"
    CLOSED = "closed"  # by the organiser, or by the clock


def round_state(round: Round, at: datetime | None = None) -> RoundState:
    """Return where the round stands at `at` (default: now)."""
    if round.closed_at is not None:
        return RoundState.CLOSED
    phase = find_phase(round.edition, Phase.Kind.JUDGING)
    if phase is None:
        return RoundState.WAITING
    if phase.is_open(at):
        return RoundState.OPEN
    return RoundState.CLOSED if phase.has_closed(at) else RoundState.WAITING


def is_round_open(round: Round, at: datetime | None = None) -> bool:
    """Tell whether scores are taken: by the clock, and until the organiser closes the round."""
    return round_state(round, at) is RoundState.OPEN


def entries_of_round(round: Round) -> QuerySet[Entry]:
    """Return the admitted works of the round's sections."""
    return Entry.objects.filter(
        edition_id=round.edition_id, section__rounds=round, state=State.ADMITTED
    )


def unscored_entries(round: Round) -> QuerySet[Entry]:
    """Return the round's works that nobody has scored: closing the round leaves them unranked."""
    scored = Scorecard.objects.filter(assignment__round=round).values("assignment__entry_id")
    return entries_of_round(round).exclude(pk__in=scored)


def latest_standings(edition: object, source: str) -> StandingList | None:
    """Return the newest frozen list of this source, or None while nothing is frozen."""
    lists = StandingList.objects.filter(edition=edition, source=source)
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
    rows = (
        Score.objects.filter(
            scorecard__assignment__round=round,
            scorecard__assignment__entry__state=State.ADMITTED,
        )
        .order_by("scorecard__created_at", "scorecard")
        .values_list(
            "scorecard",
            "scorecard__assignment__judge",
            "scorecard__assignment__entry",
            "criterion__code",
            "value",
        )
    )
    scores: dict[tuple[int, int, int], dict[str, int]] = defaultdict(dict)
    for scorecard_id, judge_id, entry_id, code, value in rows:
        scores[scorecard_id, judge_id, entry_id][code] = value
    turns: Counter[int] = Counter()
    sheets = []
    for (_scorecard_id, judge_id, entry_id), theirs in scores.items():
        turns[judge_id] += 1
        sheets.append(Sheet(judge_id, entry_id, theirs, turns[judge_id]))
    return sheets


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
        .select_related("edition")
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
        .select_related("round__edition", "judge__panel", "entry__section", "scorecard")
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
    """Return the scores by criterion code; none while there is no scorecard."""
    if scorecard is None:
        return {}
    return {score.criterion.code: score.value for score in scorecard.scores.all()}


@dataclass(frozen=True)
class Place:
    """Where a work stands in the judge's own order, and the ways on.

    `ahead`: the next works to do, at most WORKS_AHEAD, that a page gets ready.
    """

    total: int
    done: int
    previous: UUID | None
    next: UUID | None
    ahead: list[UUID]
    later: int
    minutes_left: int

    @property
    def next_to_do(self) -> UUID | None:
        return self.ahead[0] if self.ahead else None


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
        minutes_left=ceil(minutes_to_do(theirs)[assignment.round_id, assignment.judge_id]),
    )


def reader_key(user: User) -> str:
    """Return what tells this person from others on the same browser, and nothing else."""
    return salted_hmac("competition.judging.reader", str(user.pk)).hexdigest()[:16]


def is_judge(user: User) -> bool:
    """Tell whether the person sits on any panel."""
    return Judge.objects.filter(user=user).exists()
