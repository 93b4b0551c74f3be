"""The organiser issues the certificates of a final list with one button."""

import pytest
from django.urls import reverse

from portal.results.models import Certificate
from tests.factories import AwardFactory, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def award():
    award = AwardFactory()
    published(award.award_list)
    return award


def address(award):
    return reverse("results_issue_certificates", args=[award.award_list_id])


def test_first_it_says_what_will_happen(organiser, award):
    page = organiser.get(address(award))
    assert page.status_code == 200
    assert not Certificate.objects.exists()


def test_then_they_are_issued_once(organiser, award):
    back = reverse("competition_awards", args=[award.award_list.edition_id])
    for _ in range(2):
        answer = organiser.post(address(award))
        assert (answer.status_code, answer.headers["Location"]) == (302, back)
    assert [row.award for row in Certificate.objects.all()] == [award]


def test_a_list_that_is_not_final_says_why_not(organiser, award):
    award.award_list.state = "confirmed"
    award.award_list.save()
    answer = organiser.post(address(award))
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("who", ["judge", "entrant", "manager"])
def test_nobody_else_may(request, award, who):
    client = request.getfixturevalue(who)
    assert client.post(address(award)).status_code in (302, 403)
    assert not Certificate.objects.exists()
