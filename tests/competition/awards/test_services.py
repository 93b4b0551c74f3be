"""From frozen standings to published awards: each step once, each with its refusals."""

import pytest
from django.db import IntegrityError, transaction
from wagtail.models import ModelLogEntry

from competition.awards.models import AwardList, AwardQuota
from competition.awards.queries import open_ties, passed_over, published_awards, published_list
from competition.awards.rules_in_force import rule_of_list, select_for
from competition.awards.services import (
    AwardsRefused,
    confirm_awards,
    decide_tie,
    propose_awards,
    publish_awards,
)
from competition.entries.models import Entry
from tests.competition.awards.conftest import awards_by_code
from tests.factories import (
    AssociationFactory,
    AwardRuleFactory,
    CompanyFactory,
    EntryFactory,
    QuotaFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def refused(verb, **arguments):
    """Return the messages with which the verb is refused."""
    with pytest.raises(AwardsRefused) as caught:
        verb(**arguments)
    assert all(caught.value.messages)
    return caught.value.messages


def leave(entry, state="disqualified"):
    Entry.objects.filter(pk=entry.pk).update(state=state)


@pytest.fixture
def three(world):
    """Three categories over five works, all decided without a tie."""
    world.category("expert", "jury", 1, position=1)
    world.category("popular", "public", 1, position=2)
    world.category("shortlisted", "combined", 2, position=3, jury_weight=70)
    world.freeze("jury", a=9, b=8, c=7, d=6, e=5)
    world.freeze("public", e=50, a=40, d=30, c=20, b=10)
    return world


@pytest.fixture
def tied(world):
    """One place for two works of equal score; the loser is the public's favourite."""
    world.expert = world.category("expert", "jury", 1, position=1)
    world.popular = world.category("popular", "public", 1, position=2)
    world.freeze("jury", a=9, b=9, c=7)
    world.freeze("public", b=50, a=40, c=30)
    return world


def proposed(world):
    return propose_awards(edition=world.edition, actor=UserFactory())


def published(world):
    award_list = confirm_awards(award_list=proposed(world), actor=None)
    return publish_awards(award_list=award_list, actor=None)


# --- proposing --------------------------------------------------------------------------------


def test_the_three_categories_follow_from_the_standings_in_their_order(three):
    award_list = proposed(three)
    # Combined: b = .7 * 3/4 = .525, c = .7 * 1/2 + .3 * 1/4 = .425, d = .7 * 1/4 + .3 * 1/2 = .325
    assert awards_by_code(award_list) == {
        "expert": ["a"],
        "popular": ["e"],
        "shortlisted": ["b", "c"],
    }
    assert (award_list.version, award_list.state, award_list.ties) == (1, "proposed", [])


def test_a_proposal_names_the_standings_it_rests_on_and_who_made_it(three):
    newest = three.freeze("public", a=1, b=2, c=3, d=4, e=5)
    award_list = proposed(three)
    assert award_list.public_standings == newest
    assert award_list.jury_standings.version == 1
    logged = ModelLogEntry.objects.get(action="competition.award_list.propose")
    assert logged.user == award_list.proposed_by
    assert logged.data == {
        "version": 1,
        "awards": {"expert": 1, "popular": 1, "shortlisted": 2},
        "ties": 0,
    }


def test_only_the_standings_that_a_category_asks_for_are_needed(world):
    world.category("expert", "jury", 1)
    world.freeze("jury", a=9, b=8)
    award_list = proposed(world)
    assert award_list.public_standings is None
    assert awards_by_code(award_list) == {"expert": ["a"]}


def test_missing_standings_are_named(world):
    world.category("shortlisted", "combined", 1)
    assert len(refused(propose_awards, edition=world.edition, actor=None)) == 2
    world.freeze("jury", a=9)
    assert len(refused(propose_awards, edition=world.edition, actor=None)) == 1
    assert not AwardList.objects.exists()


def test_without_places_there_is_nothing_to_propose(world):
    world.category("expert", "jury", 0)
    refused(propose_awards, edition=world.edition, actor=None)


def test_a_section_with_places_and_works_must_be_in_the_standings(three):
    videos = SectionFactory(edition=three.edition, kind="micro_video", title="微视频")
    QuotaFactory(category=three.edition.award_categories.get(code="popular"), section=videos)
    assert awards_by_code(proposed(three))["popular"] == ["e"]  # no works there: nothing to miss
    EntryFactory(section=videos, state="admitted")
    (message,) = refused(propose_awards, edition=three.edition, actor=None)
    assert "微视频" in message


def test_a_work_that_left_the_competition_is_passed_over(three):
    leave(three.work("a"))
    assert awards_by_code(proposed(three))["expert"] == ["b"]


def test_a_new_proposal_replaces_the_earlier_ones(three):
    first = proposed(three)
    confirm_awards(award_list=first, actor=None)
    second = proposed(three)
    first.refresh_from_db()
    assert (first.state, second.state, second.version) == ("replaced", "proposed", 2)
    assert first.awards.count() == second.awards.count() == 4


def test_after_publication_nothing_is_proposed_again(three):
    published(three)
    refused(propose_awards, edition=three.edition, actor=None)
    assert AwardList.objects.count() == 1


# --- ties -------------------------------------------------------------------------------------


def test_a_tie_is_left_open_for_people_and_later_categories_wait(tied):
    award_list = proposed(tied)
    assert awards_by_code(award_list) == {}
    (tie,) = open_ties(award_list)
    assert (tie.category, tie.section, tie.places_left) == (tied.expert, tied.section, 1)
    assert tie.entries == [tied.work("a"), tied.work("b")]


def decide(tied, award_list, *works, reason="评委复议", **changes):
    arguments = {"category": tied.expert, "section": tied.section} | changes
    return decide_tie(
        award_list=award_list,
        entries=[tied.work(work) for work in works],
        reason=reason,
        actor=None,
        **arguments,
    )


def test_the_decision_is_kept_with_its_reason_and_the_later_category_follows(tied):
    actor = UserFactory()
    award_list = decide_tie(
        award_list=proposed(tied),
        category=tied.expert,
        section=tied.section,
        entries=[tied.work("a")],
        reason=" 评委复议 ",
        actor=actor,
    )
    assert awards_by_code(award_list) == {"expert": ["a"], "popular": ["b"]}
    award_list.refresh_from_db()
    assert award_list.ties == []
    (decision,) = award_list.decisions
    a, b = tied.work("a").pk, tied.work("b").pk
    assert (decision["tied"], decision["entries"]) == ([a, b], [a])
    assert (decision["reason"], decision["decided_by"]) == ("评委复议", actor.pk)
    logged = ModelLogEntry.objects.get(action="competition.award_list.decide_tie")
    assert (logged.user, logged.data["reason"]) == (actor, "评委复议")


def test_the_other_decision_leads_to_other_awards(tied):
    award_list = decide(tied, proposed(tied), "b")
    assert awards_by_code(award_list) == {"expert": ["b"], "popular": ["a"]}


@pytest.mark.parametrize("works", [[], ["a", "b"], ["c"]])
def test_exactly_the_places_left_are_given_and_to_tied_works_only(tied, works):
    award_list = proposed(tied)
    refused(decide, tied=tied, award_list=award_list)
    with pytest.raises(AwardsRefused):
        decide(tied, award_list, *works)
    award_list.refresh_from_db()
    assert (len(award_list.ties), award_list.decisions) == (1, [])


def test_a_decision_needs_a_reason(tied):
    with pytest.raises(AwardsRefused):
        decide(tied, proposed(tied), "a", reason="  ")


def test_a_tie_is_decided_once(tied):
    award_list = decide(tied, proposed(tied), "a")
    with pytest.raises(AwardsRefused):
        decide(tied, award_list, "b")
    assert awards_by_code(award_list)["expert"] == ["a"]


def test_a_category_without_a_tie_has_nothing_to_decide(tied):
    with pytest.raises(AwardsRefused):
        decide(tied, proposed(tied), "a", category=tied.popular)


def test_when_facts_change_under_a_proposal_a_decision_asks_for_a_new_one(tied):
    world = tied
    videos = SectionFactory(edition=world.edition, kind="micro_video")
    QuotaFactory(category=world.expert, section=videos)
    world.work("v", section=videos)
    world.freeze("jury", a=9, b=9, c=7, v=5)
    award_list = proposed(world)
    assert awards_by_code(award_list) == {"expert": ["v"]}
    leave(world.work("v"))
    with pytest.raises(AwardsRefused):
        decide(world, award_list, "a")
    award_list.refresh_from_db()
    assert awards_by_code(award_list) == {"expert": ["v"]}
    assert len(award_list.ties) == 1


# --- confirming and publishing ----------------------------------------------------------------


def test_undecided_ties_cannot_be_confirmed(tied):
    award_list = proposed(tied)
    refused(confirm_awards, award_list=award_list, actor=None)
    decide(tied, award_list, "a")
    assert confirm_awards(award_list=award_list, actor=None).state == "confirmed"


def test_results_are_visible_from_publication_on_and_not_before(three):
    award_list = proposed(three)
    confirm_awards(award_list=award_list, actor=None)
    assert published_list(three.edition) is None
    assert not published_awards(three.edition).exists()
    actor = UserFactory()
    publish_awards(award_list=award_list, actor=actor)
    award_list.refresh_from_db()
    assert (award_list.state, award_list.published_at is None) == ("published", False)
    assert published_list(three.edition) == award_list
    assert [award.entry.title for award in published_awards(three.edition)] == list("aebc")
    assert ModelLogEntry.objects.get(action="competition.award_list.publish").user == actor


def test_each_step_has_its_turn_and_happens_once(three):
    award_list = proposed(three)
    refused(publish_awards, award_list=award_list, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    refused(confirm_awards, award_list=award_list, actor=None)
    publish_awards(award_list=award_list, actor=None)
    refused(publish_awards, award_list=award_list, actor=None)
    refused(confirm_awards, award_list=award_list, actor=None)
    logged = ModelLogEntry.objects.filter(action__startswith="competition.award_list.")
    assert logged.count() == 3


def test_a_replaced_list_is_not_published_by_a_page_that_does_not_know(three):
    stale = confirm_awards(award_list=proposed(three), actor=None)
    page = AwardList.objects.get(pk=stale.pk)
    proposed(three)
    assert page.state == "confirmed"
    refused(publish_awards, award_list=page, actor=None)
    assert published_list(three.edition) is None


@pytest.mark.parametrize("verb", [confirm_awards, publish_awards])
def test_an_awarded_work_that_left_stops_the_list(three, verb):
    award_list = proposed(three)
    if verb is publish_awards:
        confirm_awards(award_list=award_list, actor=None)
    leave(three.work("e"))
    messages = refused(verb, award_list=award_list, actor=None)
    assert three.work("e").number in messages[0]


@pytest.mark.parametrize("verb", [confirm_awards, publish_awards])
def test_newer_standings_stop_the_list(three, verb):
    award_list = proposed(three)
    if verb is publish_awards:
        confirm_awards(award_list=award_list, actor=None)
    three.freeze("public", a=1, b=2)
    refused(verb, award_list=award_list, actor=None)
    publishable = proposed(three)
    assert publishable.version == 2


def test_a_list_without_awards_is_not_confirmed(world):
    world.category("expert", "jury", 1)
    world.freeze("jury", a=9)
    leave(world.work("a"))
    refused(confirm_awards, award_list=proposed(world), actor=None)


def test_the_database_itself_keeps_one_published_list_and_no_work_twice_in_a_category(three):
    award_list = published(three)
    with pytest.raises(IntegrityError), transaction.atomic():
        AwardList.objects.create(edition=three.edition, version=9, state="published")
    award = award_list.awards.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        award_list.awards.create(category=award.category, entry=award.entry, rank=1)


# --- the whole rule ---------------------------------------------------------------------------


def test_a_list_keeps_the_rule_it_was_made_by_and_runs_again_from_its_own_row(three):
    award_list = proposed(three)
    before = select_for(award_list)
    three.edition.award_categories.filter(code="shortlisted").update(jury_weight=0)
    AwardQuota.objects.update(places=0)
    assert select_for(AwardList.objects.get(pk=award_list.pk)) == before
    assert rule_of_list(award_list).categories[2].jury_weight == 70


@pytest.mark.parametrize("verb", [confirm_awards, publish_awards])
def test_a_rule_that_changed_since_stops_the_list(three, verb):
    award_list = proposed(three)
    if verb is publish_awards:
        confirm_awards(award_list=award_list, actor=None)
    AwardRuleFactory(edition=three.edition, per_author=1)
    refused(verb, award_list=award_list, actor=None)
    confirm_awards(award_list=proposed(three), actor=None)


def test_a_cap_counts_an_associations_own_works_and_its_companies(world):
    association = AssociationFactory()
    world.category("expert", "jury", 2)
    world.work("a", organisation=association)
    world.work("b", organisation=CompanyFactory(association=association))
    world.freeze("jury", a=9, b=8, c=7)
    AwardRuleFactory(edition=world.edition, per_association=1)
    award_list = proposed(world)
    assert awards_by_code(award_list) == {"expert": ["a", "c"]}
    (passed,) = passed_over(award_list)
    assert (passed.entry, award_list.passed[0]["why"]) == (world.work("b"), "association")


def test_an_author_is_a_line_of_names_in_one_organisation(world):
    company = CompanyFactory()
    world.category("expert", "jury", 2)
    world.work("a", organisation=company, author_names="王 芳")
    world.work("b", organisation=company, author_names="王芳")
    world.work("c", author_names="王芳")
    world.freeze("jury", a=9, b=8, c=7)
    AwardRuleFactory(edition=world.edition, per_author=1)
    assert awards_by_code(proposed(world)) == {"expert": ["a", "c"]}


def test_people_decide_among_equals_of_whom_a_cap_allows_some(world):
    company = CompanyFactory()
    world.expert = world.category("expert", "jury", 3)
    world.work("a", organisation=company)
    world.work("b", organisation=company)
    world.freeze("jury", a=9, b=9, c=9, d=8)
    AwardRuleFactory(edition=world.edition, per_organisation=1)
    award_list = proposed(world)
    assert awards_by_code(award_list) == {}
    for works in ("a", "ab", "abc"):
        with pytest.raises(AwardsRefused):
            decide(world, award_list, *works)
    award_list = decide(world, AwardList.objects.get(pk=award_list.pk), "b", "c")
    assert awards_by_code(award_list) == {"expert": ["b", "c", "d"]}


def test_three_standings_together_are_weighed_and_named_on_the_list(world):
    world.category("shortlisted", "weighted", 1, expert_weight=20, industry_weight=60)
    for source in ("expert", "industry"):
        assert len(refused(propose_awards, edition=world.edition, actor=None)) > 0
        world.freeze(source, a=9 if source == "expert" else 1, b=5)
    world.freeze("public", a=50, b=10)
    award_list = proposed(world)
    assert awards_by_code(award_list) == {"shortlisted": ["b"]}
    assert award_list.jury_standings is None
    assert award_list.expert_standings.source == "expert"
    assert award_list.industry_standings.source == "industry"


def test_a_work_may_have_two_awards_where_the_rule_says_so(three):
    AwardRuleFactory(edition=three.edition, may_hold_two=True)
    three.freeze("public", a=50, e=40, b=30, c=20, d=10)
    assert awards_by_code(proposed(three)) == {
        "expert": ["a"],
        "popular": ["a"],
        "shortlisted": ["a", "b"],
    }
