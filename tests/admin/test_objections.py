"""The organiser begins the notice, answers objections and takes awards away, looking ahead."""

from decimal import Decimal

import pytest
from django.urls import reverse

from competition.awards.models import AwardList, Objection, Replacement
from competition.awards.notice import begin_notice
from competition.awards.services import confirm_awards, propose_awards
from competition.judging.services import StandingLine, freeze_standings
from media_processing.states import Reason
from tests.admin.conftest import count_queries
from tests.factories import (
    AssetFactory,
    CategoryFactory,
    EntryFactory,
    ObjectionFactory,
    QuotaFactory,
    RoundFactory,
    SectionFactory,
    close_phase,
    open_phase,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def works():
    """Three works in the jury's order; the first has the only award, which is on notice."""
    section = SectionFactory()
    QuotaFactory(category=CategoryFactory(edition=section.edition), section=section, places=1)
    works = EntryFactory.create_batch(3, section=section, state="admitted")
    freeze_standings(
        edition=section.edition,
        source="jury",
        round=RoundFactory(edition=section.edition),
        lines=[
            StandingLine(work.pk, section.pk, Decimal(9 - place), 3)
            for place, work in enumerate(works)
        ],
        actor=None,
    )
    open_phase(section.edition, "notice")
    award_list = propose_awards(edition=section.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    begin_notice(award_list=award_list, actor=None)
    return works


def objection_to(work, **fields):
    return ObjectionFactory(edition=work.edition, entry=work, **fields)


def of(name, *keys):
    return reverse(f"competition_{name}", args=keys)


def titles(named):
    return [one.entry for one in named]


def test_the_steps_lead_from_the_confirmed_list_to_the_notice(organiser, works):
    award_list = AwardList.objects.get()
    AwardList.objects.update(state="confirmed", noticed_at=None)
    awards = of("awards", works[0].edition_id)
    begin = of("awards_notice", award_list.pk)
    assert begin in organiser.get(awards).content.decode()
    assert organiser.get(begin).status_code == 200
    assert organiser.post(begin).status_code == 302
    award_list.refresh_from_db()
    assert award_list.state == "noticed"
    page = organiser.get(awards).content.decode()
    assert begin not in page
    assert of("awards_publish", award_list.pk) not in page  # the period runs


def test_publishing_is_offered_when_all_is_settled(organiser, works):
    award_list = AwardList.objects.get()
    awards, publish = (
        of("awards", works[0].edition_id),
        of("awards_publish", award_list.pk),
    )
    objection = objection_to(works[0])
    close_phase(works[0].edition, "notice")
    page = organiser.get(awards)
    assert page.context["open_objections"] == 1
    assert publish not in page.content.decode()
    organiser.post(of("objection_reject", objection.pk), {"answer": "查无实据。"})
    assert publish in organiser.get(awards).content.decode()
    organiser.post(publish)
    award_list.refresh_from_db()
    assert award_list.state == "published"


def test_the_organiser_sees_who_would_move_up_before_upholding(organiser, works):
    objection = objection_to(works[0])
    ahead = organiser.get(of("objection_uphold", objection.pk)).context["ahead"]
    assert (titles(ahead["lost"]), titles(ahead["gained"])) == ([works[0]], [works[1]])
    assert not Replacement.objects.exists()
    organiser.post(of("objection_uphold", objection.pk), {"answer": "经查属实。"})
    objection.refresh_from_db()
    assert (objection.state, objection.decided_by) == ("upheld", organiser.user)
    assert [award.entry for award in AwardList.objects.get().awards.all()] == [works[1]]
    page = organiser.get(of("awards", works[0].edition_id))
    (replacement,) = page.context["replacements"]
    assert titles(replacement.gained) == [works[1]]


@pytest.mark.parametrize("verb", ["uphold", "reject"])
def test_an_answer_needs_words_and_is_given_once(organiser, works, verb):
    objection = objection_to(works[2])
    url = of(f"objection_{verb}", objection.pk)
    assert "answer" in organiser.post(url, {"answer": " "}).context["form"].errors
    assert organiser.post(url, {"answer": "如此。"}).status_code == 302
    assert organiser.post(url, {"answer": "再议"}).context["form"].non_field_errors()
    objection.refresh_from_db()
    assert objection.answer == "如此。"


def test_an_award_is_taken_away_without_any_objection(organiser, works):
    award_list = AwardList.objects.get()
    url = of("awards_take_away", award_list.pk, works[0].pk)
    assert url in organiser.get(of("awards", works[0].edition_id)).content.decode()
    assert titles(organiser.get(url).context["ahead"]["gained"]) == [works[1]]
    organiser.post(url, {"answer": "组织方复核发现与他人作品相同。"})
    assert Replacement.objects.get().objection is None
    assert organiser.get(url).status_code == 404  # it has none any more


def test_only_on_notice_is_an_award_taken_away(organiser, works):
    award_list = AwardList.objects.get()
    propose_awards(edition=works[0].edition, actor=None)
    url = of("awards_take_away", award_list.pk, works[0].pk)
    assert organiser.get(url).status_code == 404
    assert organiser.post(url, {"answer": "因故"}).status_code == 404


def test_a_new_proposal_while_on_notice_asks_seriously(organiser, works):
    url = of("awards_propose", works[0].edition_id)
    page = organiser.get(url)
    assert page.context["is_serious"] is True
    organiser.post(url)
    assert organiser.get(url).context["is_serious"] is False


def test_an_objection_is_read_with_its_pictures_and_why_one_was_refused(organiser, works):
    objection = objection_to(works[0])
    objection.evidence.add(
        AssetFactory(),
        AssetFactory(
            state="refused",
            reason=Reason.DAMAGED,
            original_name="坏.jpg",
            on_behalf_of="objections",
        ),
    )
    page = organiser.get(reverse("objections:inspect", args=[objection.pk])).content.decode()
    for shown in (objection.text, "王知情", "reader@example.org", "坏.jpg"):
        assert shown in page
    assert of("objection_uphold", objection.pk) in page


def test_the_list_finds_those_that_wait(organiser, works):
    waiting = objection_to(works[0])
    objection_to(works[1], state="rejected", answer="查无实据。", decided_at=waiting.received_at)
    page = organiser.get(reverse("objections:index"), {"state": "received"})
    assert list(page.context["object_list"]) == [waiting]


def test_the_list_and_the_steps_cost_the_same_with_one_and_with_three(organiser, works):
    index, awards = reverse("objections:index"), of("awards", works[0].edition_id)
    objection_to(works[0])
    organiser.get(index), organiser.get(awards)
    cost = count_queries(organiser, index), count_queries(organiser, awards)
    for work in works[:2]:
        objection_to(work)
    assert (count_queries(organiser, index), count_queries(organiser, awards)) == cost
    assert Objection.objects.count() == 3


def test_nobody_else_reads_objections(entrant, judge, manager, works):
    objection = objection_to(works[0])
    urls = [
        reverse("objections:index"),
        reverse("objections:inspect", args=[objection.pk]),
        of("objection_uphold", objection.pk),
        of("awards_take_away", AwardList.objects.get().pk, works[0].pk),
    ]
    for client in (entrant, judge, manager):
        for url in urls:
            assert client.get(url).status_code in (302, 403), url
