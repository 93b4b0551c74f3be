"""What is not yours does not exist: each address of these rooms, as others meet it."""

import pytest
from django.urls import reverse

from competition.entries import screening_urls, urls
from competition.entries.models import Entry
from tests.competition.entries.worlds import World, photo

pytestmark = pytest.mark.django_db

# How to address a work of somebody else at each route; a new route fails until it is here.
OF_A_WORK = {
    "entry-detail",
    "entry-edit",
    "entry-withdraw",
    "entry-delete",
    "entry-frames",
    "entry-status",
    "entry-uploads",
    "screening-entry",
    "works-desk-row",
}
OF_A_DESK = {
    "works-desk",
    "works-desk-rows",
    "works-desk-status",
    "works-desk-files",
    "works-desk-submit",
    "works-desk-sheet",
    "works-desk-template",
}
OF_A_FRAME = {"frame-original", "frame-captions"}
OF_EVERYBODY = {"my", "entry-create"}  # name no work
OF_SCREENERS = {"screening"}
ROUTES = {pattern.name for pattern in [*urls.urlpatterns, *screening_urls.urlpatterns]}


def test_every_address_is_accounted_for():
    assert ROUTES == OF_A_WORK | OF_A_DESK | OF_A_FRAME | OF_EVERYBODY | OF_SCREENERS


def addresses(entry):
    yield from ((name, reverse(name, args=[entry.pk])) for name in sorted(OF_A_WORK))
    yield from ((name, reverse(name, args=[entry.frames.get().pk])) for name in sorted(OF_A_FRAME))
    desk = [entry.organisation_id, entry.edition.slug]
    yield from ((name, reverse(name, args=desk)) for name in sorted(OF_A_DESK))


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "admitted"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_entrant_and_a_foreign_manager_find_nothing(client, world, state, method):
    entry = world.entry(state, title="原题")
    for person in (world.stranger, World().manager):
        client.force_login(person)
        for name, url in addresses(entry):
            data = {"title": "x", "author_names": "x", "do": "forward", "file": photo()}
            data = data if method == "post" else None
            answer = getattr(client, method)(url, data, headers={"Tus-Resumable": "1.0.0"})
            assert answer.status_code in (404, 405), name
    entry.refresh_from_db()
    assert (entry.state, entry.title, entry.frames.count()) == (state, "原题", 1)


def test_who_is_not_signed_in_is_sent_to_sign_in(client, world):
    entry = world.entry("admitted")
    for _name, url in addresses(entry):
        for method in (client.get, client.post):
            answer = method(url)
            assert answer.status_code == 405 or "/accounts/login/" in answer.headers["Location"]


def test_an_associations_manager_sees_a_company_work_in_screening_only(client, world):
    entry = world.entry("submitted")
    client.force_login(world.manager)
    codes = {name: client.get(url).status_code for name, url in addresses(entry)}
    assert codes.pop("screening-entry") == 200
    assert set(codes.values()) <= {404, 405}


def test_a_companys_draft_is_not_in_the_associations_screening(client, world):
    entry = world.draft()
    client.force_login(world.manager)
    assert client.get(reverse("screening-entry", args=[entry.pk])).status_code == 404


def test_a_company_has_no_screening(client, world):
    client.force_login(world.entrant)
    assert client.get(reverse("screening")).status_code == 404


def test_a_frame_of_another_work_cannot_be_acted_on(client, world):
    mine, foreign = world.draft(), World().draft()
    frame = foreign.frames.get()
    client.force_login(world.entrant)
    data = {"title": "x", "author_names": "x", "do": f"remove-{frame.pk}"}
    assert client.post(reverse("entry-edit", args=[mine.pk]), data).status_code == 404
    upload = {"file": photo(), "replace": frame.pk}
    assert client.post(reverse("entry-frames", args=[mine.pk]), upload).status_code == 404
    assert Entry.objects.get(pk=foreign.pk).frames.get() == frame
