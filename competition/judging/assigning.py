"""The verbs of who reads what: assign a round, leave, recuse, read once more.

Each is planned first as plain values (`plan_round`), so that the organiser sees it before it is
done. All take the round's row, as saving a scorecard does: a work that is being scored is either
scored or moved. What is scored never moves.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.entries.models import Entry
from competition.judging.assignment import Diff, assign, draw_anchors, reassign
from competition.judging.dealing import Id, Juror, Pair, Work
from competition.judging.minutes import PHOTO_MINUTES, minutes_of
from competition.judging.models import Assignment, Judge, Recusal, Round
from competition.judging.overlap import Overlap, overlap
from competition.judging.queries import entries_of_round, waits_for
from competition.judging.services import JudgingRefused, RoundRefused, lock_unclosed
from competition.organisations.queries import association_id_of
from portal.accounts.models import User


@dataclass(frozen=True)
class Plan:
    """What an assignment would do to a round. Pairs are (judge id, entry id).

    `judges`: of the round's panels, who left and still holds works included. `short`: readings
    that a work lacks on a panel, by (panel id, entry id). `before` and `after`: loads and what
    judges share.
    """

    round: Round
    judges: list[Judge]
    works: int
    diff: Diff
    anchors: tuple[Id, ...]
    before: Overlap
    after: Overlap
    short: dict[tuple[int, int], int]


def plan_round(round: Round, *, seed: int = 0, without: Judge | None = None) -> Plan:
    """Return what assigning the round would do, `without` this judge; nothing is written.

    Each admitted work goes to `round.readings` judges of each panel, anchors to all. Pairs stay,
    except those whose judge left or may no longer read the work, and open works that must move
    until loads differ by at most the longest work.
    """
    facts = _Facts.gather(round, without)
    anchors = facts.anchors(seed)
    standing = {**facts.standing}
    for panel_id in facts.panels():
        panel = {judge.pk: judge for judge in facts.judges if judge.panel_id == panel_id}
        theirs = {pair: done for pair, done in standing.items() if pair[0] in panel}
        diff = reassign(
            facts.works,
            [facts.juror(judge, standing) for judge in panel.values() if judge in facts.active],
            readings=round.readings,
            seed=seed,
            done=[pair for pair, done in theirs.items() if done],
            open=[pair for pair, done in theirs.items() if not done],
            anchors=anchors,
        )
        for pair in diff.removed:
            del standing[pair]
        standing.update(dict.fromkeys(diff.added, False))
    before, after = set(facts.standing), set(standing)
    everybody = [Juror(judge.pk) for judge in facts.judges]
    staying = [Juror(judge.pk) for judge in facts.active]
    return Plan(
        round=round,
        judges=facts.judges,
        works=len(facts.works),
        diff=Diff(
            tuple(sorted(after - before)),
            tuple(sorted(before - after)),
            tuple(sorted(before & after)),
        ),
        anchors=tuple(anchors),
        before=overlap(facts.works, everybody, before),
        after=overlap(facts.works, staying, after),
        short=facts.short(after),
    )


def assign_round(*, round: Round, actor: User | None, seed: int = 0) -> int:
    """Do what `plan_round` tells; return the number of pairs added.

    Conflicts are never broken: a judge reads no work of an organisation they belong to, nor of
    one below the same association, nor their own, nor one they stand aside from.

    Raises RoundRefused when the round is closed or has no judges.
    """
    with transaction.atomic():
        round = _take(round)
        if earlier := waits_for(round):
            raise RoundRefused(
                _("Nothing was assigned yet: “%(earlier)s” has to be closed first.")
                % {"earlier": earlier}
            )
        plan = plan_round(round, seed=seed)
        if not any(judge.left_at is None for judge in plan.judges):
            raise RoundRefused(
                _("No panel of this round has a judge yet. Add judges, then assign again.")
            )
        _apply(round, plan.diff, plan.anchors, seed)
        round.assigned_at = timezone.now()
        round.save(update_fields=["assigned_at"])
        data = {
            "added": len(plan.diff.added),
            "removed": plan.diff.removed,
            "works": plan.works,
            "judges": len(plan.judges),
            "seed": seed,
        }
        log(instance=round, action="competition.round.assign", user=actor, data=data)
    return len(plan.diff.added)


def rounds_of(judge: Judge) -> list[Round]:
    """Return the rounds whose works move when the judge leaves: assigned, and not closed."""
    rounds = Round.objects.filter(panels=judge.panel_id, closed_at=None)
    return list(rounds.exclude(assigned_at=None).order_by("pk"))


def leave(*, judge: Judge, actor: User | None, seed: int = 0) -> int:
    """Let the judge leave the panel: open works go to the others, scores stay.

    Returns how many readings others took over. Raises JudgingRefused when the judge left already.
    """
    with transaction.atomic():
        rounds = [_take(round) for round in rounds_of(judge)]
        judge = Judge.objects.select_for_update().get(pk=judge.pk)
        if judge.left_at:
            raise JudgingRefused(_("%(judge)s has left already.") % {"judge": judge})
        judge.left_at = timezone.now()
        judge.save(update_fields=["left_at"])
        diffs = {}
        for round in rounds:
            plan = plan_round(round, seed=seed)
            _apply(round, plan.diff, plan.anchors, seed)
            diffs[round.pk] = {"added": plan.diff.added, "removed": plan.diff.removed}
        data = {"person": str(judge.user), "rounds": diffs}
        log(instance=judge, action="competition.judge.leave", user=actor, data=data)
    return sum(len(diff["added"]) for diff in diffs.values())


def recuse(*, judge: Judge, entry: Entry, user: User | None, reason: str = "") -> Recusal:
    """Let the judge stand aside from the work, and give an open reading to somebody else.

    `user` is the judge, or an organiser: the caller has checked that. Twice is once. When nobody
    else may read the work it has a reading less; `plan_round` tells so.

    Raises JudgingRefused when the judge has scored the work: the score is kept.
    """
    with transaction.atomic():
        person = judge.user_id
        rounds = Round.objects.filter(panels__judges__user=person, closed_at=None).distinct()
        taken = [_take(round) for round in rounds.order_by("pk")]
        theirs = Assignment.objects.filter(round__in=taken, judge__user=person, entry=entry)
        if theirs.filter(scorecard__isnull=False).exists():
            raise JudgingRefused(
                _("%(judge)s has scored this work already. The score is kept; nothing was changed.")
                % {"judge": judge}
            )
        recusal, created = Recusal.objects.get_or_create(
            judge=judge, entry=entry, defaults={"reason": reason, "declared_by": user}
        )
        if not created:
            return recusal
        freed = list(theirs.values_list("round", "judge__panel"))
        theirs.delete()
        heirs = []
        for round in taken:
            for panel_id in [panel for pk, panel in freed if pk == round.pk]:
                heirs += _read_more(round, [entry.pk], panel=panel_id)
        data = {"entry": entry.pk, "reason": reason, "instead": heirs}
        log(instance=judge, action="competition.judge.recuse", user=user, data=data)
    return recusal


def add_readings(*, round: Round, entries: Iterable[Entry], user: User | None) -> int:
    """Give each of the works to one more judge, of any panel, who has not read it.

    Returns the number added: less than the works when nobody is left to read some of them.
    Raises RoundRefused when the round is closed.
    """
    with transaction.atomic():
        round = _take(round)
        pairs = _read_more(round, {entry.pk for entry in entries})
        log(instance=round, action="competition.round.read_more", user=user, data={"added": pairs})
    return len(pairs)


def _read_more(round: Round, entries: Collection[int], panel: int | None = None) -> list[Pair]:
    """Give each work to one more active judge, of this panel or of any; return the pairs."""
    facts = _Facts.gather(round)
    counts: Counter[Id] = Counter(entries)
    able = [judge for judge in facts.active if panel in (None, judge.panel_id)]
    ids = {judge.pk for judge in able}
    kept = [pair for pair in facts.standing if panel is None or pair[0] in ids]
    counts.update(entry_id for _judge, entry_id in kept if entry_id in counts)
    jurors = [facts.juror(judge, facts.standing) for judge in able]
    added = assign(facts.works, jurors, readings=counts, seed=round.pk, kept=kept)
    _apply(round, Diff(added=tuple(added)), (), round.pk)
    return added


def _take(round: Round) -> Round:
    """Return the round's row, locked. Raises RoundRefused when it is closed."""
    return lock_unclosed(
        round, _("This round is closed, so nothing was assigned. Its standings are kept.")
    )


def _apply(round: Round, diff: Diff, anchors: Collection[Id], seed: int) -> None:
    """Write the diff. New works come after a judge's earlier ones, anchors first among them."""
    rows = round.assignments.order_by().values_list("judge", "entry", "pk")
    standing: dict[Pair, UUID] = {(judge_id, entry_id): pk for judge_id, entry_id, pk in rows}
    gone = [standing[pair] for pair in diff.removed]
    for start in range(0, len(gone), 500):
        Assignment.objects.filter(pk__in=gone[start : start + 500], scorecard=None).delete()
    last = dict(
        round.assignments.order_by()
        .values("judge")
        .annotate(last=Max("position"))
        .values_list("judge", "last")
    )
    new: dict[int, list[int]] = defaultdict(list)
    for judge_id, entry_id in _numbers(diff.added):
        new[judge_id].append(entry_id)
    made = []
    for judge_id, theirs in new.items():
        # Each judge's own order, against order effects; the same whenever it is made again.
        random.Random(f"{seed}:{judge_id}").shuffle(theirs)  # noqa: S311 - no secret
        theirs.sort(key=lambda entry_id: entry_id not in anchors)
        for position, entry_id in enumerate(theirs, start=last.get(judge_id, 0) + 1):
            made.append(
                Assignment(round=round, judge_id=judge_id, entry_id=entry_id, position=position)
            )
    Assignment.objects.bulk_create(made, batch_size=500)
    round.anchor_entries.add(*map(int, anchors))


# --- What the rules are asked with ----------------------------------------------------------


@dataclass(frozen=True)
class _Facts:
    """A round as the pure rules see one. `standing`: pair -> whether it is scored."""

    round: Round
    works: list[Work]
    authors: dict[int, int]  # entry -> who made it
    judges: list[Judge]
    active: list[Judge]
    recused: dict[int, set[int]]  # person -> entries
    standing: dict[Pair, bool]

    @classmethod
    def gather(cls, round: Round, without: Judge | None = None) -> "_Facts":
        works, authors = _works(round)
        rows = round.assignments.order_by().values_list("judge", "entry", "scorecard")
        standing: dict[Pair, bool] = {
            (judge_id, entry_id): card is not None for judge_id, entry_id, card in rows
        }
        holders = {judge_id for judge_id, _entry in standing}
        everybody = (
            Judge.objects.filter(panel__rounds=round)
            .select_related("user", "panel")
            .prefetch_related("user__memberships__organisation")
        )
        judges = [one for one in everybody if one.left_at is None or one.pk in holders]
        recused: dict[int, set[int]] = defaultdict(set)
        for person, entry_id in Recusal.objects.filter(
            judge__user__in=[judge.user_id for judge in judges]
        ).values_list("judge__user", "entry"):
            recused[person].add(entry_id)
        active = [one for one in judges if one.left_at is None and one != without]
        return cls(round, works, authors, judges, active, recused, standing)

    def panels(self) -> list[int]:
        return sorted({judge.panel_id for judge in self.judges})

    def anchors(self, seed: int) -> list[Id]:
        """Return the round's anchors that still take part, and as many more as it lacks."""
        chosen = set(self.round.anchor_entries.values_list("pk", flat=True))
        kept = [work.id for work in self.works if work.id in chosen]
        others = [work for work in self.works if work.id not in chosen]
        return kept + draw_anchors(others, self.round.anchors - len(kept), seed=seed)

    def juror(self, judge: Judge, standing: Collection[Pair]) -> Juror:
        """Return the judge as the assignment sees one.

        Besides organisations and recusals, a judge stands aside from works they entered
        themselves and from works they read on another panel: nobody scores a work twice.
        """
        organisations = [membership.organisation for membership in judge.user.memberships.all()]
        associations = {association_id_of(organisation) for organisation in organisations}
        selves = {
            one.pk for one in self.judges if one.user_id == judge.user_id and one.pk != judge.pk
        }
        elsewhere = {entry_id for judge_id, entry_id in standing if judge_id in selves}
        entered = {entry for entry, person in self.authors.items() if person == judge.user_id}
        return Juror(
            id=judge.pk,
            organisations=frozenset(organisation.pk for organisation in organisations),
            associations=frozenset(one for one in associations if one is not None),
            stands_aside=frozenset(elsewhere | entered | self.recused.get(judge.user_id, set())),
        )

    def short(self, pairs: Collection[Pair]) -> dict[tuple[int, int], int]:
        """Return the readings that works lack, by panel and work."""
        lacking: dict[tuple[int, int], int] = {}
        for panel_id in self.panels():
            panel = {judge.pk for judge in self.judges if judge.panel_id == panel_id}
            theirs = [pair for pair in pairs if pair[0] in panel]
            found = overlap(self.works, [], theirs, readings=self.round.readings)
            lacking |= {(panel_id, int(work_id)): n for work_id, n in found.short.items()}
        return lacking


def _numbers(pairs: Iterable[Pair]) -> list[tuple[int, int]]:
    """Return the pairs in order, as the keys that they are here."""
    return sorted((int(judge_id), int(entry_id)) for judge_id, entry_id in pairs)


def _works(round: Round) -> tuple[list[Work], dict[int, int]]:
    """Return the round's works as values, and who made each (entry id -> user id)."""
    entries = list(entries_of_round(round).select_related("organisation"))
    minutes = minutes_of(entries_of_round(round))
    works = [
        Work(
            id=entry.pk,
            minutes=minutes.get(entry.pk, PHOTO_MINUTES),
            organisation=entry.organisation_id,
            association=association_id_of(entry.organisation),
            section=entry.section_id,
        )
        for entry in entries
    ]
    return works, {entry.pk: entry.created_by_id for entry in entries}
