"""On notice: awards taken away, moved up to, and published when all is settled."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import ModelLogEntry

from competition.awards.models import AwardList, Replacement
from competition.awards.notice import begin_notice, foresee, take_award_away
from competition.awards.queries import noticed_list, published_list
from competition.awards.services import confirm_awards, decide_tie, propose_awards, publish_awards
from competition.awards.signals import award_replaced
from competition.entries.models import Entry
from tests.competition.awards.conftest import awards_by_code
from tests.competition.awards.test_services import leave, refused
from tests.factories import ObjectionFactory, PhaseFactory, UserFactory, close_phase, open_phase

pytestmark = pytest.mark.django_db

FAULT = "经查，作品并非作者本人拍摄。"


@pytest.fixture
def three(world):
    """a is expert-recommended, e popular, b and c are shortlisted; d and f are next."""
    world.category("expert", "jury", 1, position=1)
    world.category("popular", "public", 1, position=2)
    world.category("shortlisted", "jury", 2, position=3)
    world.freeze("jury", a=9, b=8, c=7, d=6, e=5, f=4)
    world.freeze("public", e=50, a=40, d=30, c=20, b=10, f=5)
    open_phase(world.edition, "notice")
    return world


def on_notice(world):
    award_list = propose_awards(edition=world.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    return begin_notice(award_list=award_list, actor=UserFactory())


def take(award_list, entry, reason=FAULT):
    return take_award_away(award_list=award_list, entry=entry, reason=reason, actor=UserFactory())


def ranks(award_list):
    """Return category -> [(title, rank)] in order."""
    found = {}
    for award in award_list.awards.select_related("category", "entry"):
        found.setdefault(award.category.code, []).append((award.entry.title, award.rank))
    return found


def end_notice(world):
    close_phase(world.edition, "notice")


# --- beginning --------------------------------------------------------------------------------


def test_the_notice_begins_with_its_phase_and_says_so_in_the_log(three):
    award_list = on_notice(three)
    assert award_list.state == "noticed"
    assert noticed_list(three.edition) == award_list
    assert ModelLogEntry.objects.get(action="competition.award_list.notice").data["version"] == 1
    refused(begin_notice, award_list=award_list, actor=None)


def test_before_the_phase_opens_the_list_waits_for_its_hour(three):
    tomorrow = timezone.now() + timedelta(days=1)
    three.edition.phases.update(opens_at=tomorrow, closes_at=tomorrow + timedelta(days=7))
    award_list = on_notice(three)
    assert award_list.noticed_at == tomorrow
    assert noticed_list(three.edition) is None


def test_without_days_to_come_there_is_no_notice(three):
    end_notice(three)
    award_list = confirm_awards(
        award_list=propose_awards(edition=three.edition, actor=None), actor=None
    )
    refused(begin_notice, award_list=award_list, actor=None)
    three.edition.phases.all().delete()
    refused(begin_notice, award_list=award_list, actor=None)
    award_list.refresh_from_db()
    assert award_list.state == "confirmed"


# --- taking away ------------------------------------------------------------------------------


def test_the_next_in_rank_moves_up_and_nobody_elses_rank_moves(three):
    award_list = on_notice(three)
    replacement = take(award_list, three.work("c"))
    assert ranks(award_list) == {
        "expert": [("a", 1)],
        "popular": [("e", 1)],
        "shortlisted": [("b", 1), ("d", 3)],
    }
    assert [row["entry"] for row in replacement.lost] == [three.work("c").pk]
    assert [(row["entry"], row["rank"]) for row in replacement.gained] == [(three.work("d").pk, 3)]


def test_who_moves_up_from_a_later_category_leaves_a_place_there(three):
    award_list = on_notice(three)
    replacement = take(award_list, three.work("a"))
    assert ranks(award_list) == {
        "expert": [("b", 2)],
        "popular": [("e", 1)],
        "shortlisted": [("c", 2), ("d", 3)],
    }
    b = three.work("b").pk
    assert b in {row["entry"] for row in replacement.lost}
    assert b in {row["entry"] for row in replacement.gained}


def test_two_replacements_in_a_row_each_tell_their_own(three):
    award_list = on_notice(three)
    take(award_list, three.work("c"))
    second = take(award_list, three.work("d"))
    assert ranks(award_list)["shortlisted"] == [("b", 1), ("f", 4)]
    assert second.number == 2
    assert [row["entry"] for row in second.gained] == [three.work("f").pk]


def test_where_nobody_is_left_the_place_stays_empty(three):
    award_list = on_notice(three)
    for name in "cdf":
        take(award_list, three.work(name))
    assert ranks(award_list)["shortlisted"] == [("b", 1)]


def test_what_was_foreseen_is_what_happens_and_looking_writes_nothing(three):
    award_list = on_notice(three)
    ahead = foresee(award_list, three.work("a"))
    assert awards_by_code(award_list) == {
        "expert": ["a"],
        "popular": ["e"],
        "shortlisted": ["b", "c"],
    }
    assert not Replacement.objects.exists()
    replacement = take(award_list, three.work("a"))

    def order(row):
        return row["category"], row["entry"]

    assert sorted(ahead.lost, key=order) == sorted(replacement.lost, key=order)
    assert ahead.gained == replacement.gained


def test_it_asks_for_a_reason_an_award_and_a_list_on_notice(three):
    award_list = on_notice(three)
    arguments = {"award_list": award_list, "actor": None}
    refused(take_award_away, entry=three.work("a"), reason="  ", **arguments)
    refused(take_award_away, entry=three.work("d"), reason=FAULT, **arguments)
    assert ranks(award_list)["expert"] == [("a", 1)]
    propose_awards(edition=three.edition, actor=None)
    refused(take_award_away, entry=three.work("a"), reason=FAULT, **arguments)


def test_a_work_taken_away_gets_nothing_in_a_new_proposal_either(three):
    take(on_notice(three), three.work("a"))
    again = propose_awards(edition=three.edition, actor=None)
    assert awards_by_code(again)["expert"] == ["b"]


# --- ties -------------------------------------------------------------------------------------


@pytest.fixture
def tied(world):
    """a has the only place; b and c tie for it when it becomes free."""
    world.expert = world.category("expert", "jury", 1)
    world.freeze("jury", a=9, b=8, c=8)
    open_phase(world.edition, "notice")
    return world


def test_a_tie_for_a_place_that_became_free_waits_for_people(tied):
    award_list = on_notice(tied)
    ahead = foresee(award_list, tied.work("a"))
    assert (ahead.gained, len(ahead.ties)) == ([], 1)
    heard = []
    award_replaced.connect(listen := lambda replacement, **_: heard.append(replacement))
    take(award_list, tied.work("a"))
    assert ranks(award_list) == {}
    assert len(award_list.ties) == 1
    end_notice(tied)
    refused(publish_awards, award_list=award_list, actor=None)
    decide_tie(
        award_list=award_list,
        category=tied.expert,
        section=tied.section,
        entries=[tied.work("c")],
        reason="评审组表决五比二",
        actor=None,
    )
    award_replaced.disconnect(listen)
    assert ranks(award_list) == {"expert": [("c", 2)]}
    replacement = Replacement.objects.get()
    assert [row["entry"] for row in replacement.gained] == [tied.work("c").pk]
    # Once for who lost, and again for who moved up by the decision.
    assert [len(one.gained) for one in heard] == [0, 1]
    assert publish_awards(award_list=award_list, actor=None).state == "published"


# --- publishing -------------------------------------------------------------------------------


def test_without_a_notice_an_edition_that_has_one_publishes_nothing(three):
    award_list = propose_awards(edition=three.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    refused(publish_awards, award_list=award_list, actor=None)
    assert published_list(three.edition) is None


def test_while_the_period_runs_nothing_is_published(three):
    refused(publish_awards, award_list=on_notice(three), actor=None)


def test_while_an_objection_is_open_nothing_is_published(three):
    award_list = on_notice(three)
    objection = ObjectionFactory(edition=three.edition)
    end_notice(three)
    refused(publish_awards, award_list=award_list, actor=None)
    objection.state, objection.answer = "rejected", "查无实据。"
    objection.decided_at = timezone.now()
    objection.save()
    publish_awards(award_list=award_list, actor=None)
    assert published_list(three.edition) == award_list


def test_a_work_that_left_the_competition_on_notice_must_be_replaced_first(three):
    award_list = on_notice(three)
    leave(three.work("a"))
    end_notice(three)
    messages = refused(publish_awards, award_list=award_list, actor=None)
    assert any(three.work("a").number in message for message in messages)
    take(award_list, three.work("a"), reason="作者撤回作品。")
    publish_awards(award_list=award_list, actor=None)
    assert awards_by_code(award_list)["expert"] == ["b"]


def test_published_awards_have_their_own_hour(three):
    award_list = on_notice(three)
    end_notice(three)
    tomorrow = timezone.now() + timedelta(days=1)
    PhaseFactory(
        edition=three.edition,
        kind="published",
        opens_at=tomorrow,
        closes_at=tomorrow + timedelta(days=300),
    )
    publish_awards(award_list=AwardList.objects.get(pk=award_list.pk), actor=None)
    assert published_list(three.edition) is None
    assert noticed_list(three.edition) == award_list
    assert Entry.objects.filter(awards__award_list=award_list).count() == 4
