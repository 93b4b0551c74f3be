"""The organiser honours associations: figures, a preview, a reason; public with the awards."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from competition.reports.models import Honour
from competition.reports.queries import honours_of
from competition.reports.services import HonourRefused, honour_organisations, withdraw_honour
from tests.admin.conftest import count_queries
from tests.factories import (
    AssociationFactory,
    AwardFactory,
    AwardListFactory,
    CertificateFactory,
    CompanyFactory,
    EntryFactory,
    HonourFactory,
    SectionFactory,
    noticed,
    published,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def section():
    return SectionFactory()


def association(section, name, works=1):
    """Return an association one of whose two companies has so many admitted works."""
    one = AssociationFactory(name=name)
    company = CompanyFactory(association=one)
    CompanyFactory(association=one)
    for _work in range(works):
        EntryFactory(section=section, organisation=company, state="admitted")
    return one


def page(edition):
    return reverse("competition_honours", args=[edition.pk])


def test_the_figures_and_who_is_proposed(organiser, section):
    first, second = association(section, "甲协会", 3), association(section, "乙协会", 1)
    AwardFactory(
        entry=first.companies.first().entries.first(),
        award_list=AwardListFactory(edition=section.edition),
    )
    response = organiser.get(page(section.edition) + "?places=1")
    rows = response.context["rows"]
    assert [(row["association"], row["is_ticked"]) for row in rows] == [
        (first, True),
        (second, False),
    ]
    merits = rows[0]["place"].merits
    assert (merits.admitted, merits.awarded, merits.took_part, merits.companies) == (3, 1, 1, 2)
    assert rows[0]["place"].points == 3 * 2 + 5 + 25


def test_a_tie_for_the_last_place_is_reported_and_not_ticked(organiser, section):
    association(section, "甲协会"), association(section, "乙协会")
    response = organiser.get(page(section.edition) + "?places=1")
    assert len(response.context["ties"]) == 2
    assert not any(row["is_ticked"] for row in response.context["rows"])


def test_first_a_preview_then_the_honours(organiser, section):
    one, other = association(section, "甲协会"), association(section, "乙协会")
    form = {"organisations": [one.pk, other.pk], "reason": "报送作品多"}
    preview = organiser.post(page(section.edition), form)
    assert [row["association"] for row in preview.context["preview"]] == [one, other]
    assert not Honour.objects.exists()
    organiser.post(page(section.edition), form | {"confirmed": "on"})
    organiser.post(page(section.edition), form | {"confirmed": "on"})  # once more: nothing
    assert list(Honour.objects.values_list("organisation", "reason")) == [
        (one.pk, "报送作品多"),
        (other.pk, "报送作品多"),
    ]
    assert Honour.objects.first().figures["admitted"] == 1
    assert ModelLogEntry.objects.filter(action="reports.honour.give").count() == 2


@pytest.mark.parametrize("form", [{"reason": "理由"}, {"organisations": "1", "reason": " "}])
def test_without_a_choice_or_a_reason_nobody_is_honoured(organiser, section, form):
    one = association(section, "甲协会")
    form = {**form, "organisations": [one.pk] if "organisations" in form else []}
    response = organiser.post(page(section.edition), form | {"confirmed": "on"})
    assert response.context["form"].errors
    assert not Honour.objects.exists()


def test_who_did_not_take_part_cannot_be_chosen(organiser, section):
    stranger = AssociationFactory()
    form = {"organisations": [stranger.pk], "reason": "理由", "confirmed": "on"}
    assert organiser.post(page(section.edition), form).context["form"].errors


def test_the_service_wants_a_reason_too(section):
    with pytest.raises(HonourRefused):
        honour_organisations(
            edition=section.edition, organisations=[AssociationFactory()], reason=" ", actor=None
        )


def test_an_honour_is_withdrawn_with_a_reason(organiser):
    honour = HonourFactory()
    url = reverse("competition_honour_withdraw", args=[honour.pk])
    assert organiser.get(url).status_code == 200
    organiser.post(url, {"reason": ""})
    assert Honour.objects.exists()
    organiser.post(url, {"reason": "数据有误"})
    assert not Honour.objects.exists()
    assert ModelLogEntry.objects.get(action="reports.honour.withdraw").data["why"] == "数据有误"


def test_once_the_results_are_final_an_honour_stays(organiser):
    honour = HonourFactory()
    published(AwardListFactory(edition=honour.edition), at=timezone.now() + timedelta(days=1))
    url = reverse("competition_honour_withdraw", args=[honour.pk])
    response = organiser.post(url, {"reason": "数据有误"})
    assert response.context["form"].non_field_errors()
    assert Honour.objects.exists()


def test_an_honour_with_a_certificate_stays():
    honour = HonourFactory()
    CertificateFactory(award=None, honour=honour)
    with pytest.raises(HonourRefused):
        withdraw_honour(honour=honour, reason="数据有误", actor=None)
    assert Honour.objects.exists()


def test_the_public_sees_honours_from_the_hour_of_the_notice_or_the_results_on():
    honour = HonourFactory()
    award_list = AwardListFactory(edition=honour.edition)
    assert list(honours_of(honour.edition)) == []
    published(award_list, at=timezone.now() + timedelta(seconds=5))
    assert list(honours_of(honour.edition)) == []
    published(award_list)
    assert list(honours_of(honour.edition)) == [honour]
    noticed(award_list)
    assert list(honours_of(honour.edition)) == [honour]


def test_the_page_costs_the_same_with_one_association_and_with_three(organiser, section):
    first = association(section, "甲协会")
    HonourFactory(edition=section.edition, organisation=first)
    count_queries(organiser, page(section.edition))
    cost = count_queries(organiser, page(section.edition))
    for name in ("乙协会", "丙协会"):
        HonourFactory(edition=section.edition, organisation=association(section, name))
    assert count_queries(organiser, page(section.edition)) == cost
