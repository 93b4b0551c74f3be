"""An upload of a work's file: it has its place from the first byte, and counts from there."""

import base64
import threading

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from competition.entries import frames
from competition.entries.checks import EntryRefused, FileTooLarge, submission_problems
from competition.entries.frames import add_frame, begin_frame, remove_frame, replace_frame
from competition.entries.models import Frame
from competition.entries.queries import bytes_taken
from media_processing import unfinished
from media_processing.models import MediaAsset
from tests.competition.entries.test_races import at_once
from tests.competition.entries.worlds import World, photo
from tests.factories import AssetFactory, FrameFactory, MembershipFactory, close_phase
from tests.media_processing.makers import original_of

pytestmark = pytest.mark.django_db
STREAM = "application/offset+octet-stream"
MB = 1024**2


def create(client, entry, size=4, body=None, **metadata):
    """Announce a file; the answer."""
    metadata = {"filename": "晨光.jpg"} | metadata
    pairs = [f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in metadata.items()]
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": ",".join(pairs),
    }
    options = {"content_type": STREAM} if body else {}
    return client.post(reverse("entry-uploads", args=[entry.pk]), body, headers=headers, **options)


def begin(world, entry, size=4, **options):
    return begin_frame(entry=entry, name="a.jpg", byte_size=size, user=world.entrant, **options)


# --- the place ----------------------------------------------------------------------------


def test_the_place_is_reserved_at_once_and_the_bytes_come_later(entrant, world):
    entry = world.draft(frames=False)
    answer = create(entrant, entry)
    asset = entry.frames.get().asset
    assert answer.status_code == 201
    assert answer["Location"] == reverse("media-upload", args=[asset.pk])
    assert answer["Tus-Resumable"] == "1.0.0"
    assert answer["Upload-Expires"]
    assert (asset.state, asset.byte_size, asset.original_name) == ("uploading", 4, "晨光.jpg")
    assert (asset.uploaded_by, asset.media_rules) == (world.entrant, world.section.media_rules)
    assert asset.on_behalf_of == f"organisation-{world.company.pk}"
    second = create(entrant, entry)
    assert second.status_code == 422
    assert len(second.json()["messages"]) == 1
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    assert entrant.patch(answer["Location"], b"abcd", STREAM, headers=headers).status_code == 204
    asset.refresh_from_db()
    assert asset.state == "received"
    assert original_of(asset) == b"abcd"


def test_bytes_may_come_with_the_announcement(entrant, world):
    entry = world.draft(frames=False)
    answer = create(entrant, entry, body=b"abc")
    assert (answer.status_code, answer["Upload-Offset"]) == (201, "3")
    assert unfinished.path_of(entry.frames.get().asset_id).read_bytes() == b"abc"


def test_files_that_come_by_the_form_wait_in_the_same_line(world):
    entry = world.draft(frames=False)
    frame = add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)
    other = replace_frame(frame=frame, file=photo(), name="b.jpg", user=world.entrant)
    for asset in (frame.asset, other.asset):
        assert asset.on_behalf_of == f"organisation-{world.company.pk}"


def test_a_file_that_comes_by_the_form_is_no_row_before_it_is_a_frame(world, monkeypatch):
    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(frames, "_append_frame", killed)
    with pytest.raises(KeyboardInterrupt):
        add_frame(entry=world.draft(frames=False), file=photo(), name="a.jpg", user=world.entrant)
    assert not MediaAsset.objects.exists()


def test_a_replaced_file_goes_when_the_new_one_is_announced(
    entrant, world, django_capture_on_commit_callbacks
):
    entry = world.draft()
    frame = entry.frames.get()
    with django_capture_on_commit_callbacks(execute=True):
        answer = create(entrant, entry, replaces=str(frame.pk))
    assert answer.status_code == 201
    again = entry.frames.get()
    assert (again.pk, again.position, again.asset.state) == (frame.pk, 1, "uploading")
    assert not MediaAsset.objects.filter(pk=frame.asset_id).exists()


def test_a_replaced_file_that_a_revision_names_is_kept(world):
    entry = world.submitted()
    old = entry.frames.get().asset
    entry.state = "returned"
    entry.save()
    begin(world, entry, replaced=entry.frames.get())
    assert MediaAsset.objects.filter(pk=old.pk).exists()


@pytest.mark.parametrize("named", ["x", "-1", "99999999999999999999", "0"])
def test_a_frame_that_is_none_of_the_works_is_not_found(entrant, world, named):
    entry, foreign = world.draft(), World().draft()
    for name in (named, str(foreign.frames.get().pk)):
        assert create(entrant, entry, replaces=name).status_code == 404
    assert MediaAsset.objects.filter(state="uploading").count() == 0


# --- what is refused ----------------------------------------------------------------------


def test_what_size_and_name_tell_is_refused_with_a_sentence(entrant, world):
    entry = world.draft(frames=False)
    too_large = create(entrant, entry, size=world.section.max_mb * MB + 1)
    assert too_large.status_code == 413
    assert str(world.section.max_mb) in too_large.json()["messages"][0]
    foreign = create(entrant, entry, filename="a.mp4")
    assert foreign.status_code == 422
    assert "MP4" in foreign.json()["messages"][0]
    assert not MediaAsset.objects.exists()


def test_after_the_deadline_nothing_is_begun(entrant, world):
    entry = world.draft(frames=False)
    close_phase(world.edition, "call")
    assert create(entrant, entry).status_code == 422
    assert not MediaAsset.objects.exists()


def test_who_does_not_speak_tus_is_told_so(entrant, world):
    url = reverse("entry-uploads", args=[world.draft(frames=False).pk])
    assert entrant.post(url).status_code == 412
    headers = {"Tus-Resumable": "1.0.0"}
    assert entrant.post(url, headers=headers).status_code == 400
    assert entrant.get(url, headers=headers).status_code == 405
    assert entrant.options(url)["Tus-Version"] == "1.0.0"
    assert not MediaAsset.objects.exists()


def test_it_needs_the_token_of_our_own_pages(world):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.entrant)
    assert create(strict, world.draft(frames=False)).status_code == 403


# --- on the page --------------------------------------------------------------------------


def test_the_page_shows_how_much_is_here_and_how_to_go_on(entrant, world):
    entry = world.draft(frames=False)
    FrameFactory(entry=entry, asset=AssetFactory(state="uploading", percent=43))
    page = entrant.get(reverse("entry-edit", args=[entry.pk])).content.decode()
    assert "43%" in page
    assert page.count("data-upload-url=") == 1


def test_a_work_is_not_submitted_while_a_file_is_coming(world):
    entry = world.draft(frames=False)
    begin(world, entry)
    (problem,) = submission_problems(entry, accepts_rights=True)
    assert "1" in problem


def test_removing_frees_the_place_and_the_disk(world, django_capture_on_commit_callbacks):
    entry = world.draft(frames=False)
    frame = begin(world, entry)
    unfinished.append(frame.asset_id, [b"x"], at=0, most=4)
    with django_capture_on_commit_callbacks(execute=True):
        remove_frame(frame=frame, user=world.entrant)
    assert not MediaAsset.objects.exists()
    assert unfinished.size_of(frame.asset_id) is None
    begin(world, entry)


def test_taking_an_upload_back_frees_the_place_and_numbers_the_others(
    entrant, world, django_capture_on_commit_callbacks
):
    world.section.kind, world.section.max_frames = "photo_series", 3
    world.section.save()
    entry = world.draft(frames=False)
    first, second, third = (begin(world, entry) for _ in range(3))
    url = reverse("media-upload", args=[first.asset_id])
    with django_capture_on_commit_callbacks(execute=True):
        assert entrant.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
    kept = [(second.pk, 1), (third.pk, 2)]
    assert list(entry.frames.values_list("pk", "position")) == kept
    assert not MediaAsset.objects.filter(pk=first.asset_id).exists()


# --- the quota ----------------------------------------------------------------------------


@pytest.fixture
def quota(settings):
    settings.UPLOAD_QUOTA_MB = 10


def test_the_quota_counts_every_file_of_the_organisation_in_the_edition(world, quota):
    begin(world, world.draft(frames=False), size=6 * MB)
    entry = world.draft(frames=False)
    with pytest.raises(FileTooLarge) as caught:
        begin(world, entry, size=5 * MB)
    (sentence,) = caught.value.messages
    assert "6" in sentence
    assert "10" in sentence
    begin(world, entry, size=4 * MB)
    assert bytes_taken(world.edition, world.company) == 10 * MB


def test_other_organisations_other_editions_and_what_expired_do_not_count(world, quota):
    other = MembershipFactory(user=world.entrant).organisation
    for fields in ({"organisation": other}, {"section": World().section}):
        entry = world.draft(frames=False, **fields)
        FrameFactory(entry=entry, asset=AssetFactory(byte_size=9 * MB))
    given_up = AssetFactory(byte_size=9 * MB, state="refused", reason="not_uploaded")
    FrameFactory(entry=world.draft(frames=False), asset=given_up)
    begin(world, world.draft(frames=False), size=10 * MB)


def test_a_replaced_file_makes_room_for_the_new_one(world, quota):
    frame = begin(world, world.draft(frames=False), size=10 * MB)
    begin(world, frame.entry, size=10 * MB, replaced=frame)


def test_the_form_has_the_same_quota_and_keeps_nothing(world, settings):
    settings.UPLOAD_QUOTA_MB = 1
    begin(world, world.draft(frames=False), size=MB)
    entry = world.draft(frames=False)
    with pytest.raises(FileTooLarge):
        add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)
    assert MediaAsset.objects.count() == 1


def test_without_a_quota_there_is_no_limit(world, settings):
    settings.UPLOAD_QUOTA_MB = 0
    FrameFactory(entry=world.draft(frames=False), asset=AssetFactory(byte_size=10**15))
    begin(world, world.draft(frames=False))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_six_at_once_do_not_pass_the_quota_together(world, quota):
    entries = [world.draft(frames=False) for _ in range(6)]
    assert at_once([lambda e=entry: begin(world, e, size=4 * MB) for entry in entries]) == 2
    assert bytes_taken(world.edition, world.company) == 8 * MB


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_quota_is_overrun(world, quota):
    """The control: looking first and writing later lets all through."""
    entries = [world.draft(frames=False) for _ in range(4)]
    have_looked = threading.Barrier(4, timeout=60)

    def naive(entry):
        taken = bytes_taken(world.edition, world.company)
        have_looked.wait()
        if taken + 4 * MB > django_settings.UPLOAD_QUOTA_MB * MB:
            raise EntryRefused("full")
        FrameFactory(entry=entry, asset=AssetFactory(byte_size=4 * MB))

    assert at_once([lambda e=entry: naive(e) for entry in entries]) == 4
    assert bytes_taken(world.edition, world.company) == 16 * MB
    assert Frame.objects.count() == 4
