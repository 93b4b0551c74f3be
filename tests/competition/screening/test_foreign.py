"""What is not yours does not exist: each address of this room, as others meet it."""

import pytest
from django.urls import reverse

from competition.screening import urls
from competition.screening.models import Meeting, ScreeningCard
from competition.screening.services import open_meeting, show_work
from tests.competition.entries.worlds import World

pytestmark = pytest.mark.django_db

OF_A_WORK = {"screening-entry", "screening-card"}
OF_A_DESK = {
    "screening",
    "screening-bulk",
    "screening-criteria",
    "screening-sheets",
    "screening-meeting",
    "screening-projector",
    "screening-meeting-show",
    "screening-meeting-scores",
    "screening-meeting-card",
    "screening-meeting-state",
}


def test_every_address_is_accounted_for():
    assert {pattern.name for pattern in urls.urlpatterns} == OF_A_WORK | OF_A_DESK


def addresses(world, entry):
    yield from (reverse(name, args=[entry.pk]) for name in sorted(OF_A_WORK))
    desk = f"?association={world.association.pk}&edition={world.edition.slug}"
    yield from (reverse(name) + desk for name in sorted(OF_A_DESK))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["entrant", "stranger", "organiser", "foreign manager"])
def test_who_is_not_of_the_association_finds_nothing(client, world, method, who):
    entry = world.submitted()
    meeting = open_meeting(association=world.association, edition=world.edition, user=world.manager)
    show_work(meeting=meeting, entry=entry, user=world.manager)
    client.force_login(World().manager if who == "foreign manager" else getattr(world, who))
    data = {"do": "forward", "work": entry.pk, "revision": 1, "score-theme": 5, "confirm": "yes"}
    for url in addresses(world, entry):
        answer = getattr(client, method)(url, data if method == "post" else None)
        assert answer.status_code in (404, 405), url
    entry.refresh_from_db()
    assert entry.state == "submitted"
    assert not ScreeningCard.objects.exists()
    assert Meeting.objects.get().entry == entry


def test_who_is_not_signed_in_is_sent_to_sign_in(client, world):
    for url in addresses(world, world.submitted()):
        for method in (client.get, client.post):
            answer = method(url)
            assert answer.status_code == 405 or "/accounts/login/" in answer.headers["Location"]


def test_a_companys_draft_is_not_in_the_associations_screening(client, world):
    entry = world.draft()
    client.force_login(world.manager)
    assert client.get(reverse("screening-entry", args=[entry.pk])).status_code == 404
