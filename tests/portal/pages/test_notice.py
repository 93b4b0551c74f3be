"""The notice: nothing before its hour, then the proposed awards and what came of objections."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    AwardFactory,
    AwardListFactory,
    CategoryFactory,
    EntryFactory,
    HonourFactory,
    ObjectionFactory,
    ReplacementFactory,
    close_phase,
    noticed,
    open_phase,
    published,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def award_list(edition, site):
    open_phase(edition, "notice")
    return noticed(AwardListFactory(edition=edition))


@pytest.fixture
def expert(edition):
    return CategoryFactory(edition=edition, title="专家推荐作品")


def give(award_list, category, work):
    return AwardFactory(award_list=award_list, category=category, entry=work)


def text_at(client, address):
    cache.clear()
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def answered(edition, entry, state, answer):
    return ObjectionFactory(
        edition=edition, entry=entry, state=state, answer=answer, decided_at=timezone.now()
    )


@pytest.fixture
def work(make_works):
    (work,) = make_works(1)
    return work


@pytest.mark.parametrize("address", ["/notice/", "/en/notice/"])
def test_before_its_hour_it_says_when_and_shows_nothing(
    client, edition, award_list, expert, work, address
):
    give(award_list, expert, work)
    HonourFactory(edition=edition)
    award_list.noticed_at = timezone.now() + timedelta(seconds=60)
    award_list.save()
    page = text_at(client, address)
    for hidden in (work.title, work.number, expert.title, "组织报送"):
        assert hidden not in page
    assert reverse("objection-new", args=[edition.slug]) not in page
    award_list.noticed_at = timezone.now() - timedelta(seconds=1)
    award_list.save()
    page = text_at(client, address)
    for shown in (work.title, work.number, work.author_names, work.organisation.name, "组织报送"):
        assert shown in page


def test_each_work_leads_to_the_form_with_its_number(client, edition, award_list, expert, work):
    give(award_list, expert, work)
    new = reverse("objection-new", args=[edition.slug])
    page = text_at(client, "/notice/")
    assert f'href="{new}"' in page
    assert f'href="{new}?work={work.number}"' in page


def test_every_step_is_public_in_short_form_and_nothing_of_who_objects(
    client, edition, award_list, expert, make_works
):
    gone, up = make_works(2)
    give(award_list, expert, up)
    objection = answered(edition, gone, "upheld", "经查，并非本人拍摄。")
    answered(edition, None, "rejected", "评审按规则进行。")
    ObjectionFactory(edition=edition, entry=up, ground="rights", text="尚待查证的说法")
    row = {"category": expert.code, "section": up.section_id, "rank": 1}
    ReplacementFactory(
        award_list=award_list,
        entry=gone,
        objection=objection,
        lost=[row | {"entry": gone.pk}],
        gained=[row | {"entry": up.pk, "rank": 2}],
    )
    response = client.get("/notice/")
    proposal = response.context["proposal"]
    assert (proposal.objections, proposal.upheld, proposal.rejected, proposal.waiting) == (
        3, 1, 1, 1,
    )  # fmt: skip
    page = response.content.decode()
    for shown in ("经查，并非本人拍摄。", "评审按规则进行。", gone.number, up.number):
        assert shown in page
    for hidden in ("王知情", "reader@example.org", objection.text, "尚待查证的说法"):
        assert hidden not in page


def test_after_the_period_it_is_over_and_leads_to_the_results_once_published(
    client, edition, award_list, expert, work
):
    give(award_list, expert, work)
    close_phase(edition, "notice")
    new = reverse("objection-new", args=[edition.slug])
    page = client.get("/notice/")
    assert new not in page.content.decode()
    assert page.context["is_published"] is False
    published(award_list)
    page = client.get("/notice/")
    assert page.context["is_published"] is True
    assert 'href="/results/"' in page.content.decode().split("<main")[1]
    assert work.title in page.content.decode()


def test_a_withdrawn_list_is_not_shown(client, award_list, expert, work):
    give(award_list, expert, work)
    award_list.state = "replaced"
    award_list.save()
    assert work.title not in text_at(client, "/notice/")


@pytest.mark.parametrize("address", ["/", "/en/", "/results/"])
def test_while_awards_are_on_notice_other_pages_lead_there(client, edition, award_list, address):
    target = "/en/notice/" if address == "/en/" else "/notice/"
    assert f'href="{target}"' in text_at(client, address)
    award_list.noticed_at = timezone.now() + timedelta(seconds=60)
    award_list.save()
    assert f'href="{target}"' not in text_at(client, address)
    noticed(award_list)
    close_phase(edition, "notice")
    assert f'href="{target}"' not in text_at(client, address)


def test_it_costs_the_same_with_one_award_and_with_three(
    client, edition, section, award_list, expert
):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/notice/").status_code == 200
        return len(queries)

    def more():
        work = EntryFactory(section=section, state="admitted")
        give(award_list, expert, work)
        gone = EntryFactory(section=section, state="admitted")
        objection = answered(edition, gone, "upheld", "属实。")
        row = {"category": expert.code, "section": section.pk, "rank": 1}
        ReplacementFactory(
            award_list=award_list,
            entry=gone,
            objection=objection,
            lost=[row | {"entry": gone.pk}],
            gained=[row | {"entry": work.pk}],
        )
        HonourFactory(edition=edition)

    more()
    client.get("/notice/")
    one = cost()
    more()
    more()
    assert cost() == one
    assert len(client.get("/notice/").context["proposal"].replacements) == 3
