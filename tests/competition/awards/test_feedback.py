"""What entrants read of how the jury saw their work: their own means, and nobody else's scores."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from competition.awards.feedback import (
    FEWEST_OTHERS,
    feedback_on,
    gives_feedback,
    has_feedback,
    mean_of_works,
)
from competition.judging.forms import ScorecardForm
from competition.judging.models import Score, Scorecard
from competition.judging.services import close_round
from portal.accounts.groups import JUDGES, ORGANISERS, add_to_group
from tests.factories import (
    AssignmentFactory,
    AwardListFactory,
    CriterionFactory,
    EntryFactory,
    JudgeFactory,
    MembershipFactory,
    PanelFactory,
    RoundFactory,
    SectionFactory,
    UserFactory,
    published,
)

CODES = ["theme", "artistry", "story"]


class Jury:
    """A round of one section; `score` gives a work its scorecards."""

    def __init__(self, feedback="comments"):
        self.section = SectionFactory()
        self.edition = self.section.edition
        self.edition.feedback = feedback
        self.edition.save()
        for code in CODES:
            CriterionFactory(edition=self.edition, code=code, title=code)
        self.round = RoundFactory(edition=self.edition)
        self.round.sections.add(self.section)
        self.panel = PanelFactory(edition=self.edition)
        self.judges = []

    def work(self, **fields):
        return EntryFactory(section=self.section, state="admitted", **fields)

    def judge(self, number):
        while len(self.judges) <= number:
            self.judges.append(JudgeFactory(panel=self.panel))
        return self.judges[number]

    def score(self, work, *sheets, notes=()):
        """Give the work these sheets: (theme, artistry, story) of the first judge, the second …"""
        for number, sheet in enumerate(sheets):
            judge = self.judge(number)
            assignment = AssignmentFactory(round=self.round, judge=judge, entry=work)
            note = notes[number] if number < len(notes) else ""
            card = Scorecard.objects.create(assignment=assignment, note=note)
            for code, value in zip(CODES, sheet, strict=False):
                criterion = self.edition.criteria.get(code=code)
                Score.objects.create(scorecard=card, criterion=criterion, value=value)
        return work

    def others(self, count, sheet=(4, 4, 4)):
        return [self.score(self.work(), sheet) for _ in range(count)]

    def publish(self, at=None):
        standings = close_round(round=self.round, actor=None)
        award_list = AwardListFactory(edition=self.edition, jury_standings=standings)
        return published(award_list, at)


@pytest.fixture
def jury(db):
    return Jury()


def told(work):
    """Return code -> (own, section's) as exact means."""
    feedback = feedback_on(work)
    return {one.criterion.code: (one.own, one.section) for one in feedback.criteria}


# --- the numbers ------------------------------------------------------------------------------


def test_own_means_stand_beside_the_sections_exactly(jury):
    work = jury.score(jury.work(), (9, 8, 7), (8, 8, 8), (8, 7, 7))
    jury.others(5, (4, 5, 6))
    jury.publish()

    assert told(work) == {
        "theme": (Fraction(25, 3), (Fraction(25, 3) + 5 * 4) / 6),
        "artistry": (Fraction(23, 3), (Fraction(23, 3) + 5 * 5) / 6),
        "story": (Fraction(22, 3), (Fraction(22, 3) + 5 * 6) / 6),
    }
    feedback = feedback_on(work)
    assert feedback.readings == 3
    theme = feedback.criteria[0]
    assert (theme.own_points, theme.section_points) == (Decimal("8.333333"), Decimal("4.722222"))
    assert (theme.own_length, theme.section_length) == (815, 414), "of a scale from 1 to 10"


def test_one_reading_is_that_judges_score(jury):
    work = jury.score(jury.work(), (9, 8, 7))
    jury.publish()
    assert told(work) == {"theme": (9, None), "artistry": (8, None), "story": (7, None)}


def test_a_scorecard_that_lacks_a_criterion_does_not_count(jury):
    work = jury.score(jury.work(), (9, 8, 7), (1, 1))
    jury.publish()
    assert told(work) == {"theme": (9, None), "artistry": (8, None), "story": (7, None)}
    assert feedback_on(work).readings == 1


def test_a_work_read_by_all_weighs_no_more_than_others(jury):
    anchor = jury.score(jury.work(), *[(10, 10, 10)] * 9)
    jury.others(5, (4, 4, 4))
    jury.publish()
    assert told(anchor)["theme"] == (10, 5)


def test_another_section_and_another_round_say_nothing(jury):
    work = jury.score(jury.work(), (9, 8, 7))
    jury.others(5)
    other = EntryFactory(section=SectionFactory(edition=jury.edition), state="admitted")
    jury.round.sections.add(other.section)
    jury.score(other, (1, 1, 1))
    jury.publish()
    jury.round = RoundFactory(edition=jury.edition)
    jury.score(work, (1, 1, 1))
    assert told(work)["theme"] == (9, Fraction(9 + 5 * 4, 6))


@given(
    st.lists(
        st.dictionaries(st.sampled_from(CODES), st.fractions(1, 10), min_size=1), min_size=1
    ).flatmap(lambda works: st.tuples(st.just(works), st.permutations(works)))
)
def test_the_mean_of_works_lies_among_them_in_any_order(both):
    works, turned = both
    means = mean_of_works(works)
    assert means == mean_of_works(turned)
    for code, value in means.items():
        values = [one[code] for one in works if code in one]
        assert min(values) <= value <= max(values)
        assert value * len(values) == sum(values)


# --- a small section --------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "is_told"), [(FEWEST_OTHERS - 1, False), (FEWEST_OTHERS, True)])
def test_a_small_sections_mean_is_not_told(jury, others, is_told):
    work = jury.score(jury.work(), (9, 8, 7))
    jury.others(others)
    jury.publish()
    assert feedback_on(work).tells_section is is_told


def test_the_organisations_own_works_do_not_make_a_section_large(jury):
    """Who owns nine of ten works could work out the tenth's scores."""
    work = jury.score(jury.work(), (9, 8, 7))
    for _ in range(9):
        jury.score(jury.work(organisation=work.organisation), (5, 5, 5))
    jury.others(1)
    jury.publish()
    assert not feedback_on(work).tells_section


# --- comments ---------------------------------------------------------------------------------

NOTES = ["光线很好", "构图略散", "故事动人", "", "  "]


def test_comments_come_without_names_in_an_order_that_tells_nothing(jury):
    works = [jury.score(jury.work(), *[(5, 5, 5)] * 5, notes=NOTES) for _ in range(12)]
    jury.publish()
    orders = [feedback_on(work).comments for work in works]
    assert all(sorted(order) == sorted(NOTES[:3]) for order in orders)
    assert orders == [feedback_on(work).comments for work in works], "the same each time"
    assert len({tuple(order) for order in orders}) > 1, "no judge is always the first"


def test_without_comments_none_is_told(db):
    jury = Jury(feedback="scores")
    work = jury.score(jury.work(), (9, 8, 7), notes=["光线很好"])
    jury.publish()
    assert feedback_on(work).comments == []


def test_judges_are_told_who_reads_their_words(jury):
    def field():
        assignment = AssignmentFactory(round=jury.round, judge=jury.judge(0), entry=jury.work())
        return ScorecardForm(assignment=assignment).fields["note"]

    with override("en"):
        assert "The entrant reads it" in str(field().help_text)
        jury.round.edition.feedback = "scores"
        assert str(field().help_text) == "Entrants and other judges don't see it."


# --- when, and who ----------------------------------------------------------------------------


def test_nothing_is_told_a_second_before_the_hour(jury, client):
    work = jury.score(jury.work(), (9, 8, 7))
    hour = timezone.now().replace(microsecond=0) + timedelta(days=1)
    jury.publish(hour)
    person = MembershipFactory(organisation=work.organisation).user
    address = reverse("entry-feedback", args=[work.pk])
    for moment, is_there in [(hour - timedelta(seconds=1), False), (hour, True)]:
        with time_machine.travel(moment, tick=False):
            client.force_login(person)
            assert (feedback_on(work) is not None) is is_there
            assert has_feedback(work) is gives_feedback(jury.edition) is is_there
            assert client.get(address).status_code == (200 if is_there else 404)
            detail, my = client.get(reverse("entry-detail", args=[work.pk])), client.get("/en/my/")
            assert (address in detail.text) is is_there
            assert ("open a work to read it" in my.text) is is_there


@pytest.mark.parametrize("feedback", ["none", "scores"])
def test_the_edition_decides_whether_there_is_feedback(db, feedback):
    jury = Jury(feedback)
    work = jury.score(jury.work(), (9, 8, 7))
    jury.publish()
    assert has_feedback(work) is (feedback_on(work) is not None) is (feedback == "scores")


def test_a_work_that_nobody_read_has_none(jury):
    jury.others(1)
    work = jury.work()
    jury.publish()
    assert feedback_on(work) is None
    assert not has_feedback(work)


def test_awards_of_the_public_alone_tell_nothing_of_a_jury(jury):
    work = jury.score(jury.work(), (9, 8, 7))
    close_round(round=jury.round, actor=None)
    published(AwardListFactory(edition=jury.edition))
    assert feedback_on(work) is None


def test_awards_that_weigh_the_panels_tell_of_their_round(jury):
    work = jury.score(jury.work(), (9, 8, 7))
    award_list = jury.publish()
    award_list.expert_standings, award_list.jury_standings = award_list.jury_standings, None
    award_list.save()
    assert told(work)["theme"] == (9, None)


def test_only_the_works_own_organisation_reads_it(jury, client):
    work = jury.score(jury.work(), (9, 8, 7), notes=["光线很好"])
    jury.publish()
    association = work.organisation.association
    people = {
        "manager": MembershipFactory(organisation=work.organisation).user,
        "contributor": MembershipFactory(organisation=work.organisation, role="contributor").user,
        "another company": MembershipFactory().user,
        "its association": MembershipFactory(organisation=association).user,
        "judge": jury.judge(0).user,
        "organiser": UserFactory(),
    }
    add_to_group(people["judge"], JUDGES)
    add_to_group(people["organiser"], ORGANISERS)
    address, found = reverse("entry-feedback", args=[work.pk]), {}
    for role, person in people.items():
        client.force_login(person)
        found[role] = client.get(address).status_code
    assert found == dict.fromkeys(people, 404) | {"manager": 200, "contributor": 200}
    client.logout()
    assert client.get(address).status_code == 302


def test_the_page_names_no_judge_and_cannot_be_posted_to(jury, client):
    work = jury.score(jury.work(), (9, 8, 7), (8, 8, 8), notes=["光线<b>很好</b>"])
    jury.others(5)
    jury.publish()
    client.force_login(MembershipFactory(organisation=work.organisation).user)
    address = reverse("entry-feedback", args=[work.pk])
    answer = client.get(address)
    page = answer.text
    assert "8.50" in page
    assert "光线&lt;b&gt;很好" in page
    for judge in jury.judges:
        assert judge.user.email not in page
        assert str(judge.user) not in page
    assert "private" in answer.headers["Cache-Control"]
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("works", [1, 3])
def test_feedback_costs_constant_queries(jury, works):
    work = jury.score(jury.work(), *[(9, 8, 7)] * works, notes=NOTES)
    jury.others(FEWEST_OTHERS * works)
    jury.publish()
    work = type(work).objects.select_related("edition", "section").get(pk=work.pk)
    with CaptureQueriesContext(connection) as captured:
        assert feedback_on(work).tells_section
    assert len(captured) == 7
