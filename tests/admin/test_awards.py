"""The organiser goes from standings to published awards on one page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from competition.awards.models import AwardCategory, AwardList
from competition.judging.services import StandingLine, freeze_standings
from portal.pages.services import create_site
from tests.admin.test_editions import formset
from tests.factories import (
    AwardFactory,
    AwardListFactory,
    CategoryFactory,
    CertificateFactory,
    EntryFactory,
    HonourFactory,
    QuotaFactory,
    RoundFactory,
    SectionFactory,
    noticed,
    open_phase,
    published,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def section():
    """A section with three admitted works that the jury put at 9, 8 and 8; one place."""
    section = SectionFactory()
    QuotaFactory(category=CategoryFactory(edition=section.edition), section=section, places=1)
    return section


def freeze(section, *values):
    works = [EntryFactory(section=section, state="admitted") for _value in values]
    freeze_standings(
        edition=section.edition,
        source="jury",
        round=RoundFactory(edition=section.edition),
        lines=[
            StandingLine(work.pk, section.pk, Decimal(value), 3)
            for work, value in zip(works, values, strict=True)
        ],
        actor=None,
    )
    return works


def awards(client, section):
    return client.get(reverse("competition_awards", args=[section.edition_id]))


def propose(client, section):
    return client.post(reverse("competition_awards_propose", args=[section.edition_id]))


def test_without_standings_proposing_is_refused_in_words(organiser, section):
    response = propose(organiser, section)
    assert response.context["form"].non_field_errors()
    assert awards(organiser, section).context["current"] is None


def test_from_standings_to_published_awards(organiser, section):
    best, *_others = freeze(section, 9, 8, 8)
    propose(organiser, section)
    page = awards(organiser, section).context
    current = page["current"]
    assert [award.entry for group in page["groups"] for award in group["awards"]] == [best]
    for verb, state in [("confirm", "confirmed"), ("publish", "published")]:
        url = reverse(f"competition_awards_{verb}", args=[current.pk])
        assert organiser.get(url).status_code == 200
        organiser.post(url)
        current.refresh_from_db()
        assert current.state == state


def test_awards_are_not_published_before_they_are_confirmed(organiser, section):
    freeze(section, 9, 8)
    propose(organiser, section)
    current = AwardList.objects.get()
    response = organiser.post(reverse("competition_awards_publish", args=[current.pk]))
    assert response.context["form"].non_field_errors()
    current.refresh_from_db()
    assert current.state == "proposed"


def test_people_decide_a_tie_with_a_reason(organiser, section):
    first, second = freeze(section, 8, 8)
    propose(organiser, section)
    current = AwardList.objects.get()
    tie = awards(organiser, section).context["ties"][0]
    url = reverse("competition_awards_tie", args=[current.pk, tie.category.pk, section.pk])
    assert organiser.get(url).status_code == 200
    too_many = organiser.post(url, {"works": [first.pk, second.pk], "reason": "都好"})
    assert too_many.context["form"].non_field_errors()
    assert "reason" in organiser.post(url, {"works": [second.pk]}).context["form"].errors
    organiser.post(url, {"works": [second.pk], "reason": "评审组表决五比二"})
    page = awards(organiser, section)
    assert page.context["ties"] == []
    assert [award.entry for award in page.context["groups"][0]["awards"]] == [second]
    assert "评审组表决五比二" in page.content.decode()
    assert organiser.get(url).status_code == 404


def test_the_page_costs_the_same_with_one_award_and_with_three(
    organiser, section, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    freeze(section, 9, 8, 7, 6)
    propose(organiser, section)
    awards(organiser, section)
    with CaptureQueriesContext(connection) as one:
        awards(organiser, section)
    cost = len(one)
    section.award_quotas.update(places=3)
    propose(organiser, section)
    with django_assert_num_queries(cost):
        page = awards(organiser, section)
    assert len(page.context["groups"][0]["awards"]) == 3


def category_form(section, **changes):
    form = {
        "edition": section.edition_id,
        "code": "popular",
        "title": "大众喜爱作品",
        "source": "public",
        "jury_weight": 70,
        "expert_weight": 40,
        "industry_weight": 30,
        "jury_floor": 0,
        "position": 1,
    }
    return form | changes | formset("quotas", [{"section": section.pk, "places": 12}])


def test_a_category_is_made_with_its_places(organiser, section):
    organiser.post(reverse("award-categories:add"), category_form(section))
    made = AwardCategory.objects.get(code="popular")
    assert list(made.quotas.values_list("section", "places")) == [(section.pk, 12)]


def test_places_in_another_editions_section_are_refused(organiser, section):
    form = category_form(SectionFactory(), edition=section.edition_id)
    response = organiser.post(reverse("award-categories:add"), form)
    assert response.status_code == 200
    assert not AwardCategory.objects.filter(code="popular").exists()


# --- what the page leads to -------------------------------------------------------------------


def links(organiser, award_list):
    """Return which of these the awards page leads to."""
    url = reverse("competition_awards", args=[award_list.edition_id])
    page = organiser.get(url).content.decode()
    names = {
        "honours": reverse("competition_honours", args=[award_list.edition_id]),
        "packages": reverse("results_packages", args=[award_list.pk]),
        "certificates": reverse("results_issue_certificates", args=[award_list.pk]),
        "notice page": "/notice/",
        "results page": "/results/",
    }
    return {name for name, address in names.items() if f'href="{address}"' in page}


def test_it_leads_on_to_what_there_is_by_the_state_of_the_awards(organiser, page_root):
    award_list = AwardListFactory()
    edition = award_list.edition
    create_site(edition=edition)
    open_phase(edition, "notice")
    award = AwardFactory(award_list=award_list, entry__edition=edition)
    assert links(organiser, award_list) == {"honours"}

    soon = timezone.now() + timedelta(hours=1)
    noticed(award_list)
    AwardList.objects.update(noticed_at=soon)
    assert links(organiser, award_list) == {"honours", "packages"}
    noticed(award_list)
    assert links(organiser, award_list) == {"honours", "packages", "notice page"}

    published(award_list, soon)
    on_notice = {"honours", "packages", "certificates", "notice page"}
    assert links(organiser, award_list) == on_notice
    published(award_list)
    assert links(organiser, award_list) == on_notice | {"results page"}

    CertificateFactory(award=award)
    assert links(organiser, award_list) == on_notice - {"certificates"} | {"results page"}
    HonourFactory(edition=edition)
    assert links(organiser, award_list) == on_notice | {"results page"}
