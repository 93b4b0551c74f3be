"""The entrant's pages, as a browser without JavaScript meets them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competition.entries.models import Entry
from media_processing.models import MediaAsset
from tests.competition.entries.worlds import World, photo
from tests.factories import (
    AssetFactory,
    FrameFactory,
    MembershipFactory,
    SectionFactory,
    UserFactory,
    close_phase,
)

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


def texts(**fields):
    """What an entrant's form says: complete, but for what a test leaves out."""
    said = {"title": "晨光", "author_names": "张三", "story": "故事"}
    return said | {"ai_use": "none", "portraits": "none", "declaration": "1"} | fields


# --- making a work ------------------------------------------------------------------------


def test_one_post_makes_a_draft_with_all_its_files(entrant, world):
    section = SectionFactory(edition=world.edition, kind="photo_series", min_frames=4, max_frames=8)
    answer = entrant.post(
        reverse("entry-create", args=[section.pk]),
        texts(organisation=world.company.pk, files=[photo("1.jpg"), photo("2.jpg")]),
    )
    entry = Entry.objects.get()
    assert answer.headers["Location"] == reverse("entry-edit", args=[entry.pk])
    assert (entry.title, entry.state, entry.organisation) == ("晨光", "draft", world.company)
    names = entry.frames.values_list("asset__original_name", flat=True)
    assert list(names) == ["1.jpg", "2.jpg"]


def test_the_script_gets_addresses_for_the_files_of_a_new_work(entrant, world):
    url = reverse("entry-create", args=[world.section.pk])
    answer = entrant.post(url, texts(organisation=world.company.pk), **JSON)
    entry = Entry.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "edit": reverse("entry-edit", args=[entry.pk]),
        "files": reverse("entry-frames", args=[entry.pk]),
        "uploads": reverse("entry-uploads", args=[entry.pk]),
        "status": reverse("entry-status", args=[entry.pk]),
    }


def test_the_script_is_told_what_is_missing(entrant, world):
    url = reverse("entry-create", args=[world.section.pk])
    answer = entrant.post(url, texts(organisation=world.company.pk, title=""), **JSON)
    assert answer.status_code == 422
    assert len(answer.json()["messages"]) == 1
    assert not Entry.objects.exists()


def test_nobody_enters_a_work_for_a_foreign_organisation(entrant, world):
    foreign = MembershipFactory().organisation
    entrant.post(reverse("entry-create", args=[world.section.pk]), texts(organisation=foreign.pk))
    assert not Entry.objects.exists()


def test_who_has_no_organisation_is_led_to_registering_one(client, world):
    client.force_login(UserFactory())
    answer = client.get(reverse("entry-create", args=[world.section.pk]))
    assert answer.headers["Location"] == reverse("organisation-create")


def test_every_button_saves_what_was_typed_beside_it(entrant, world):
    section = SectionFactory(edition=world.edition, kind="photo_series", max_frames=8)
    entry = world.draft(section=section, frames=False)
    frames = [FrameFactory(entry=entry, position=n) for n in (1, 2, 3)]
    url = reverse("entry-edit", args=[entry.pk])
    entrant.post(url, texts(title="一", do=f"down-{frames[0].pk}"))
    entrant.post(url, texts(title="二", do=f"remove-{frames[2].pk}"))
    entry.refresh_from_db()
    assert entry.title == "二"
    ids = entry.frames.values_list("pk", flat=True)
    assert list(ids) == [frames[1].pk, frames[0].pk]


@pytest.mark.parametrize("do", ["up-x", "remove-99999999999999999999", "replace-", "dance", "-1"])
def test_a_button_that_is_not_ours_does_no_harm(entrant, world, do):
    entry = world.draft()
    answer = entrant.post(reverse("entry-edit", args=[entry.pk]), texts(do=do))
    assert answer.status_code in (302, 404)
    assert entry.frames.count() == 1


def test_a_file_is_replaced_by_its_own_button(entrant, world):
    entry = world.draft()
    frame = entry.frames.get()
    entrant.post(
        reverse("entry-edit", args=[entry.pk]),
        texts(do=f"replace-{frame.pk}", **{f"replace-{frame.pk}": photo("new.jpg")}),
    )
    assert MediaAsset.objects.get().original_name == "new.jpg"


def test_submitting_shows_the_number(entrant, world):
    entry = world.draft()
    answer = entrant.post(
        reverse("entry-edit", args=[entry.pk]),
        texts(do="submit", accepts_rights="yes"),
        follow=True,
    )
    entry.refresh_from_db()
    assert (entry.state, entry.title) == ("submitted", "晨光")
    assert entry.number in answer.content.decode()


def test_what_is_missing_is_said_and_the_texts_are_kept(entrant, world):
    entry = world.draft(frames=False)
    answer = entrant.post(
        reverse("entry-edit", args=[entry.pk]), texts(title="留下", do="submit"), follow=True
    )
    entry.refresh_from_db()
    assert (entry.state, entry.title) == ("draft", "留下")
    assert len(answer.context["messages"]) == 2  # no file, no rights


def test_after_the_deadline_the_page_is_read_only_and_says_so(entrant, world):
    entry = world.draft(title="旧")
    call = close_phase(world.edition, "call")
    edit = reverse("entry-edit", args=[entry.pk])
    for answer in (entrant.get(edit, follow=True), entrant.post(edit, texts(), follow=True)):
        assert answer.redirect_chain[0][0] == reverse("entry-detail", args=[entry.pk])
        closed = timezone.localtime(call.closes_at).strftime("%Y-%m-%d %H:%M")
        assert closed in answer.content.decode()
        assert b"data-work-form" not in answer.content
    upload = entrant.post(reverse("entry-frames", args=[entry.pk]), {"file": photo()})
    assert upload.status_code == 422
    entry.refresh_from_db()
    assert entry.title == "旧"


def test_the_page_shows_deadline_limits_and_places(entrant, world):
    world.section.entries_per_organisation = 7
    world.section.min_long_side = 3000
    world.section.save()
    page = entrant.get(reverse("entry-create", args=[world.section.pk])).content.decode()
    closes = timezone.localtime(world.edition.phases.get(kind="call").closes_at)
    assert f'data-deadline="{closes.isoformat()}"' in page
    assert "3000" in page
    assert world.section.kind == "single_photo"
    assert " 7 " in page


def test_nothing_can_be_begun_while_the_call_is_closed(entrant, world):
    close_phase(world.edition, "call")
    url = reverse("entry-create", args=[world.section.pk])
    assert b"data-work-form" not in entrant.get(url).content
    page = entrant.post(url, texts(title="留在页面上", organisation=world.company.pk))
    assert "留在页面上" in page.content.decode()
    assert entrant.post(url, texts(organisation=world.company.pk), **JSON).status_code == 422
    assert not Entry.objects.exists()


def test_a_return_shows_the_advice_above_the_form(entrant, world):
    entry = world.entry("returned", advice="请调亮暗部")
    page = entrant.get(reverse("entry-edit", args=[entry.pk])).content.decode()
    assert page.index("请调亮暗部") < page.index("data-work-form")


def test_the_script_saves_without_leaving_the_page(entrant, world):
    entry = world.draft(frames=False)
    url = reverse("entry-edit", args=[entry.pk])
    answer = entrant.post(url, texts(title="新题", do="save"), **JSON)
    assert answer.status_code == 200
    assert len(answer.json()["done"]) == 1
    for wrong in (texts(title=""), texts(do="submit")):
        answer = entrant.post(url, wrong, **JSON)
        assert answer.status_code == 422
        assert answer.json()["messages"]
    entry.refresh_from_db()
    assert entry.state == "draft"
    assert not list(entrant.get(url).context["messages"]), "said once, not again on the next page"


# --- files and their progress -------------------------------------------------------------


def test_an_upload_answers_with_the_list_of_files(entrant, world):
    entry = world.draft(frames=False)
    url = reverse("entry-frames", args=[entry.pk])
    answer = entrant.post(url, {"file": photo("晨光.jpg")})
    assert answer.status_code == 200
    assert "晨光.jpg" in answer.content.decode()
    second = entrant.post(url, {"file": photo("too-many.jpg")})
    assert second.status_code == 422
    assert len(second.json()["messages"]) == 1
    replaced = entrant.post(url, {"file": photo("b.jpg"), "replace": entry.frames.get().pk})
    assert "b.jpg" in replaced.content.decode()
    assert entry.frames.count() == 1


TOLD = {
    "camera": "SECRETCAM 9",
    "lens": "Noctilux",
    "exposure_seconds": 0.004,
    "aperture": 8.0,
    "iso": 100,
    "latitude": 31.23456,
    "longitude": 121.47654,
}


def test_what_the_file_tells_is_shown_to_its_own_people(entrant, world):
    entry = world.draft(frames=False)
    FrameFactory(entry=entry, asset=AssetFactory(**TOLD))
    page = entrant.get(reverse("entry-edit", args=[entry.pk])).content.decode()
    assert "SECRETCAM 9 · Noctilux · 1/250 s · f/8 · ISO 100" in page
    assert 'data-fill="id_place" data-value="31.23°N 121.48°E"' in page
    assert "31.2345" not in page


def test_what_the_file_tells_is_shown_to_nobody_else(client, world):
    entry = world.submitted()
    asset = entry.frames.get().asset
    MediaAsset.objects.filter(pk=asset.pk).update(**TOLD)
    organiser = UserFactory(is_superuser=True, is_staff=True)
    pages = [
        (organiser, reverse("uploaded-files:index")),
        (organiser, reverse("uploaded-files:inspect", args=[asset.pk])),
        (organiser, reverse("works:inspect", args=[entry.pk])),
        (world.manager, reverse("screening-entry", args=[entry.pk])),
        (world.entrant, reverse("entry-status", args=[entry.pk])),
    ]
    for user, path in pages:
        client.force_login(user)
        answer = client.get(path)
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert [one for one in ("Noctilux", "31.23", "121.4", "1/250") if one in page] == [], path


def test_the_status_tells_percent_and_reason(entrant, world):
    entry = world.draft(frames=False)
    working = FrameFactory(entry=entry, asset=AssetFactory(state="processing", percent=40))
    refused = AssetFactory(state="refused", reason="damaged")
    FrameFactory(entry=entry, position=2, asset=refused)
    answer = entrant.get(reverse("entry-status", args=[entry.pk])).json()
    assert answer["busy"] is True
    first, second = answer["frames"]
    assert (first["id"], first["state"], first["percent"]) == (
        str(working.asset_id),
        "processing",
        40,
    )
    assert second["reason"]
    page = entrant.get(reverse("entry-edit", args=[entry.pk])).content.decode()
    assert second["reason"] in page


def test_the_original_goes_to_its_own_people_and_the_organiser(client, world):
    frame = world.entry("admitted").frames.get()
    url = reverse("frame-original", args=[frame.pk])
    for user, code in [
        (world.entrant, 302),
        (world.organiser, 302),
        (world.manager, 404),
        (world.stranger, 404),
    ]:
        client.force_login(user)
        assert client.get(url).status_code == code, user


def test_a_draft_is_deleted_and_a_submitted_work_withdrawn(entrant, world):
    draft, submitted = world.draft(), world.submitted()
    entrant.post(reverse("entry-delete", args=[draft.pk]))
    entrant.post(reverse("entry-delete", args=[submitted.pk]))
    entrant.post(reverse("entry-withdraw", args=[submitted.pk]))
    assert list(Entry.objects.values_list("pk", "state")) == [(submitted.pk, "withdrawn")]


# --- home ---------------------------------------------------------------------------------


def test_home_shows_the_works_of_all_my_organisations_and_of_no_other(entrant, world):
    second = MembershipFactory(user=world.entrant, role="contributor").organisation
    mine = [world.draft(), world.entry("admitted", organisation=second)]
    World().draft()
    assert list(entrant.get(reverse("my")).context["works"]) == mine[::-1]


def test_home_leads_each_person_to_what_they_may_do(client, world):
    home, screening = reverse("my"), reverse("screening")
    client.force_login(world.manager)
    assert screening in client.get(home).content.decode()
    client.force_login(world.entrant)
    page = client.get(home).content.decode()
    assert screening not in page
    assert reverse("wagtailadmin_home") not in page
    assert world.company.join_code in page
    assert reverse("entry-create", args=[world.section.pk]) in page


def test_a_contributor_does_not_see_the_join_code(client, world):
    client.force_login(MembershipFactory(organisation=world.company, role="contributor").user)
    assert world.company.join_code not in client.get(reverse("my")).content.decode()


def test_home_asks_as_often_for_three_works_as_for_one(entrant, world, django_assert_num_queries):
    world.entry("submitted")
    url = reverse("my")
    entrant.get(url)
    with CaptureQueriesContext(connection) as one:
        entrant.get(url)
    world.entry("admitted"), world.draft()
    with django_assert_num_queries(len(one)):
        entrant.get(url)
