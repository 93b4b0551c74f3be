"""The verbs of judging."""

from decimal import Decimal

import pytest
from wagtail.models import ModelLogEntry

from competition.judging.assigning import assign_round
from competition.judging.models import Assignment, Judge, StandingList
from competition.judging.scorecards import save_scorecard
from competition.judging.scoring import StandingLine, digest
from competition.judging.services import (
    JudgingRefused,
    RoundRefused,
    add_judge,
    close_round,
    freeze_standings,
    remove_judge,
)
from portal.accounts.groups import JUDGES, group_names
from tests.competition.judging.conftest import SHEET
from tests.factories import (
    AssetFactory,
    AssociationFactory,
    CompanyFactory,
    CriterionFactory,
    EditionFactory,
    EntryFactory,
    FrameFactory,
    MembershipFactory,
    PanelFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def logged(action):
    return [entry.data for entry in ModelLogEntry.objects.filter(action=action).order_by("pk")]


def pairs(round):
    return set(round.assignments.values_list("judge_id", "entry_id"))


def save(assignment, scores=SHEET, note=""):
    user = assignment.judge.user
    return save_scorecard(assignment=assignment, user=user, scores=scores, note=note)


class TestAddJudge:
    def test_puts_the_person_on_the_panel_and_into_the_group(self):
        panel, user, actor = PanelFactory(), UserFactory(), UserFactory()
        judge = add_judge(panel=panel, user=user, actor=actor)
        assert (judge.panel, judge.user) == (panel, user)
        assert group_names(user) == {JUDGES}
        assert logged("competition.judge.add") == [{"panel": panel.pk, "person": str(user)}]

    def test_twice_is_once(self):
        panel, user = PanelFactory(), UserFactory()
        assert add_judge(panel=panel, user=user) == add_judge(panel=panel, user=user)
        assert panel.judges.count() == 1
        assert len(logged("competition.judge.add")) == 1


class TestRemoveJudge:
    def test_takes_the_person_off_the_panel(self, jury):
        judge = jury.judge()
        remove_judge(judge=judge)
        assert jury.panel.judges.count() == 0
        assert len(logged("competition.judge.remove")) == 1

    def test_is_refused_once_works_are_assigned(self, jury):
        judge = jury.judge()
        jury.assignment(judge)
        with pytest.raises(JudgingRefused):
            remove_judge(judge=judge)
        assert list(Judge.objects.filter(panel=jury.panel)) == [judge]


class TestAssignRound:
    def test_gives_each_admitted_work_of_the_sections_to_judges_of_each_panel(self, jury):
        industry = PanelFactory(edition=jury.edition, kind="industry")
        jury.round.panels.add(industry)
        experts = [jury.judge().pk for _ in range(3)]
        others = [add_judge(panel=industry, user=UserFactory()).pk for _ in range(2)]
        jury.round.readings = 2
        jury.round.save()
        entries = [jury.entry().pk for _ in range(6)]
        jury.entry(state="submitted")
        EntryFactory(section=SectionFactory(edition=jury.edition), state="admitted")
        EntryFactory(state="admitted")

        assert assign_round(round=jury.round, actor=None) == 6 * 4

        found = pairs(jury.round)
        assert {entry for _judge, entry in found} == set(entries)
        for entry in entries:
            readers = {judge for judge, work in found if work == entry}
            assert len(readers & set(experts)) == 2
            assert readers & set(others) == set(others)
        jury.round.refresh_from_db()
        assert jury.round.assigned_at is not None
        assert logged("competition.round.assign") == [
            {"added": 24, "removed": [], "works": 6, "judges": 5, "seed": 0}
        ]

    def test_a_judge_reads_nothing_from_the_own_organisation_or_association(self, jury):
        association = AssociationFactory()
        own = CompanyFactory(association=association)
        sister = CompanyFactory(association=association)
        judge = jury.judge()
        MembershipFactory(user=judge.user, organisation=own)
        for organisation in [own, sister, association]:
            jury.entry(organisation=organisation)
        free = jury.entry()
        lone = jury.entry(organisation=CompanyFactory(association=None))
        assign_round(round=jury.round, actor=None)
        assert pairs(jury.round) == {(judge.pk, free.pk), (judge.pk, lone.pk)}

    def test_a_manager_of_an_association_reads_nothing_from_its_companies(self, jury):
        association = AssociationFactory()
        judge = jury.judge()
        MembershipFactory(user=judge.user, organisation=association)
        jury.entry(organisation=CompanyFactory(association=association))
        jury.entry(organisation=association)
        assert assign_round(round=jury.round, actor=None) == 0

    def test_a_member_of_a_company_without_association_reads_other_such_companies(self, jury):
        judge = jury.judge()
        MembershipFactory(user=judge.user, organisation=CompanyFactory(association=None))
        jury.entry(organisation=CompanyFactory(association=None))
        assert assign_round(round=jury.round, actor=None) == 1

    def test_nobody_reads_a_work_they_entered(self, jury):
        judge = jury.judge()
        jury.entry(created_by=judge.user)
        assert assign_round(round=jury.round, actor=None) == 0

    def test_nobody_reads_a_work_twice_for_two_panels(self, jury):
        industry = PanelFactory(edition=jury.edition, kind="industry")
        jury.round.panels.add(industry)
        judge = jury.judge()
        add_judge(panel=industry, user=judge.user)
        jury.entry()
        assert assign_round(round=jury.round, actor=None) == 1
        assert assign_round(round=jury.round, actor=None) == 0

    def test_assigning_again_keeps_what_is_there_and_adds_what_is_missing(self, jury):
        for _ in range(3):
            jury.judge()
        for _ in range(5):
            jury.entry()
        assert assign_round(round=jury.round, actor=None) == 5
        before = {row.pk: row.position for row in jury.round.assignments.all()}
        assert assign_round(round=jury.round, actor=None, seed=7) == 0
        late = jury.entry()
        assert assign_round(round=jury.round, actor=None, seed=7) == 1
        after = {row.pk: row.position for row in jury.round.assignments.all()}
        assert before.items() <= after.items()
        (new,) = set(after) - set(before)
        assert Assignment.objects.get(pk=new).entry == late

    def test_each_judge_has_an_order_of_their_own(self, jury):
        jury.round.readings = 2
        jury.round.save()
        first, second = jury.judge(), jury.judge()
        entries = [jury.entry().pk for _ in range(12)]
        assign_round(round=jury.round, actor=None)

        def order(judge):
            return list(judge.assignments.order_by("position").values_list("entry", flat=True))

        assert sorted(order(first)) == sorted(order(second)) == entries
        assert order(first) != order(second)
        assert entries not in (order(first), order(second))
        positions = first.assignments.values_list("position", flat=True)
        assert sorted(positions) == list(range(1, 13))

    def test_videos_count_their_length(self, jury):
        first, second = jury.judge(), jury.judge()
        long = jury.entry(frames=False)
        FrameFactory(entry=long, asset=AssetFactory(kind="video", seconds=300, derivatives=False))
        photos = [jury.entry().pk for _ in range(5)]
        assign_round(round=jury.round, actor=None)
        loads = sorted(
            set(judge.assignments.values_list("entry", flat=True)) for judge in (first, second)
        )
        assert {long.pk} in loads
        assert set(photos) in loads

    def test_is_refused_without_judges(self, jury):
        jury.entry()
        with pytest.raises(RoundRefused):
            assign_round(round=jury.round, actor=None)
        assert pairs(jury.round) == set()

    def test_is_refused_when_the_round_is_closed(self, jury):
        save(jury.assignment(jury.judge()))
        close_round(round=jury.round, actor=None)
        jury.entry()
        with pytest.raises(RoundRefused):
            assign_round(round=jury.round, actor=None)
        assert jury.round.assignments.count() == 1


def sheet(value):
    return dict.fromkeys(SHEET, value)


class TestCloseRound:
    def test_freezes_the_mean_of_the_judges_ranked_in_each_section(self, jury):
        videos = SectionFactory(edition=jury.edition, kind="micro_video")
        jury.round.sections.add(videos)
        first, second = jury.judge(), jury.judge()
        best, tied, also_tied = jury.entry(), jury.entry(), jury.entry()
        video = jury.entry(section=videos)
        for entry, values in [(best, (9, 8)), (tied, (6, 7)), (also_tied, (7, 6)), (video, (2,))]:
            for judge, value in zip([first, second], values, strict=False):
                save(jury.assignment(judge, entry=entry), sheet(value))

        standing_list = close_round(round=jury.round, actor=first.user)

        assert list(standing_list.standings.values_list("entry", "rank", "value", "readings")) == [
            (best.pk, 1, Decimal("8.5"), 2),
            (video.pk, 1, Decimal(2), 1),
            (tied.pk, 2, Decimal("6.5"), 2),
            (also_tied.pk, 2, Decimal("6.5"), 2),
        ]
        assert (standing_list.source, standing_list.version) == ("jury", 1)
        assert standing_list.round == jury.round
        assert standing_list.frozen_by == first.user
        jury.round.refresh_from_db()
        assert jury.round.closed_at is not None

    def test_criteria_have_their_weights(self, jury):
        save(jury.assignment(jury.judge()))  # (2*8 + 2*9 + 1*5) / 5
        standing_list = close_round(round=jury.round, actor=None)
        assert standing_list.standings.get().value == Decimal("7.8")

    def test_a_work_without_a_scorecard_is_reported_and_not_ranked(self, jury):
        judge = jury.judge()
        save(jury.assignment(judge))
        unread = jury.assignment(judge).entry
        never_assigned = jury.entry()
        standing_list = close_round(round=jury.round, actor=None)
        assert standing_list.standings.count() == 1
        assert logged("competition.round.close") == [
            {"ranked": 1, "unranked": [unread.pk, never_assigned.pk]}
        ]

    def test_a_scorecard_that_lacks_a_criterion_is_no_reading(self, jury):
        first, second = jury.judge(), jury.judge()
        entry = jury.entry()
        save(jury.assignment(first, entry=entry))
        CriterionFactory(edition=jury.edition, code="colour", title="色彩")
        save(jury.assignment(second, entry=entry), {**sheet(6), "colour": 6})
        standing = close_round(round=jury.round, actor=None).standings.get()
        assert (standing.value, standing.readings) == (Decimal(6), 1)

    def test_a_disqualified_work_is_not_ranked(self, jury):
        judge = jury.judge()
        kept, gone = jury.assignment(judge), jury.assignment(judge)
        save(kept)
        save(gone, sheet(10))
        gone.entry.state = "disqualified"
        gone.entry.save()
        standing_list = close_round(round=jury.round, actor=None)
        assert list(standing_list.standings.values_list("entry", "rank")) == [(kept.entry_id, 1)]

    def test_a_later_disqualification_moves_nothing(self, jury):
        assignment = jury.assignment(jury.judge())
        save(assignment)
        standing_list = close_round(round=jury.round, actor=None)
        assignment.entry.state = "disqualified"
        assignment.entry.save()
        assert standing_list.standings.get().entry == assignment.entry

    def test_twice_is_refused_and_freezes_nothing_more(self, jury):
        save(jury.assignment(jury.judge()))
        close_round(round=jury.round, actor=None)
        with pytest.raises(RoundRefused):
            close_round(round=jury.round, actor=None)
        assert StandingList.objects.count() == 1

    def test_is_refused_while_nothing_is_scored(self, jury):
        jury.assignment(jury.judge())
        with pytest.raises(RoundRefused):
            close_round(round=jury.round, actor=None)
        jury.round.refresh_from_db()
        assert jury.round.closed_at is None

    def test_the_standings_do_not_depend_on_the_order_of_rows(self, jury):
        judges = [jury.judge() for _ in range(3)]
        entry, other = jury.entry(), jury.entry()
        for judge, value in zip(judges, [7, 8, 8], strict=True):
            save(jury.assignment(judge, entry=entry), sheet(value))
        for judge, value in zip(reversed(judges), [8, 7, 8], strict=True):
            save(jury.assignment(judge, entry=other), sheet(value))
        standing_list = close_round(round=jury.round, actor=None)
        assert set(standing_list.standings.values_list("rank", "value")) == {
            (1, Decimal("7.666667"))
        }


class TestFreezeStandings:
    def test_each_freezing_is_a_new_version_and_the_old_one_stays(self, jury):
        entry, actor = jury.entry(), UserFactory()
        lines = [
            [StandingLine(entry.pk, jury.section.pk, Decimal(value), value)] for value in (3, 4)
        ]
        first, second = (
            freeze_standings(edition=jury.edition, source="public", lines=iter(one), actor=actor)
            for one in lines
        )
        assert (first.version, second.version) == (1, 2)
        assert first.standings.get().value == 3
        assert second.standings.get().value == 4
        assert [first.digest, second.digest] == [digest(one) for one in lines]
        assert logged("competition.standings.freeze") == [
            {"source": "public", "version": one.version, "digest": one.digest}
            for one in (first, second)
        ]

    def test_versions_count_for_each_source_and_edition(self, jury):
        def freeze(edition, source, round=None):
            return freeze_standings(
                edition=edition, source=source, round=round, lines=[], actor=None
            ).version

        assert freeze(jury.edition, "public") == 1
        assert freeze(jury.edition, "jury", jury.round) == 1
        assert freeze(EditionFactory(), "public") == 1
        assert freeze(jury.edition, "public") == 2
