"""What looks like another work is flagged, for people: never refused."""

import io
import re

import pytest
from django.core.files.base import File
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image, ImageOps
from wagtail.models import ModelLogEntry

from competition.entries.frames import add_frame, remove_frame, replace_frame
from competition.entries.models import NearCopy
from competition.entries.near_copies import dismiss_near_copy, near_copies_of, note_near_copies
from media_processing.models import Fingerprint, MediaAsset
from media_processing.pipeline import process_asset
from media_processing.signals import worker_swept
from tests.admin.conftest import sign_in
from tests.competition.entries.worlds import World, photo
from tests.factories import EditionFactory, EntryFactory, SectionFactory
from tests.media_processing.makers import ffmpeg, make_slideshow
from tests.media_processing.test_pdq import scene

pytestmark = pytest.mark.django_db

SOME = f"{0x1234567890ABCDEF << 190:064x}"
NEAR = f"{(0x1234567890ABCDEF << 190) ^ 0b1011:064x}"
FAR = "0f" * 32


def hashed(entry, bits, quality=90):
    """Give the work's picture this hash, as processing does, and compare it."""
    asset = entry.frames.get().asset
    Fingerprint.objects.create(asset=asset, bits=bits, quality=quality)
    note_near_copies(asset)
    return entry


def others_of(entry):
    return [(pair.other.entry, pair.copy.distance) for pair in near_copies_of(entry)]


def test_both_works_show_it_and_a_stranger_shows_nothing(world):
    one = hashed(world.entry("submitted"), SOME)
    other = hashed(World(section=world.section).entry("forwarded"), NEAR)
    stranger = hashed(world.entry("submitted"), FAR)
    assert others_of(one) == [(other, 3)]
    assert others_of(other) == [(one, 3)]
    assert others_of(stranger) == []


def test_told_twice_it_is_flagged_once(world):
    one, other = hashed(world.entry("submitted"), SOME), hashed(world.entry("submitted"), NEAR)
    for entry in (one, other):
        note_near_copies(entry.frames.get().asset)
    assert NearCopy.objects.count() == 1


@pytest.mark.parametrize("earlier_first", [True, False])
def test_an_earlier_edition_counts_whichever_file_was_processed_first(world, earlier_first):
    earlier = world.entry("admitted")
    later = EntryFactory(section=SectionFactory(edition=EditionFactory()), state="submitted")
    for entry in (earlier, later) if earlier_first else (later, earlier):
        hashed(entry, SOME if entry == earlier else NEAR)
    assert others_of(later) == [(earlier, 3)]


def test_a_draft_is_not_shown_until_it_is_submitted(world):
    entry, draft = hashed(world.entry("submitted"), SOME), hashed(world.draft(), NEAR)
    assert others_of(entry) == []
    type(draft).objects.filter(pk=draft.pk).update(
        state="submitted",
        number="P-000777",
        rights_accepted_at=entry.rights_accepted_at,
        declaration=entry.declaration,
    )
    assert others_of(entry) == [(draft, 3)]


def test_a_hash_that_tells_little_flags_nothing(world):
    hashed(world.entry("submitted"), SOME, quality=10)
    hashed(world.entry("submitted"), SOME)
    assert not NearCopy.objects.exists()


def test_pictures_of_one_work_are_flagged_only_when_it_is_taken_apart(world):
    entry = world.entry("submitted")
    second = EntryFactory(section=world.section).frames.get()
    second.entry, second.position = entry, 2
    second.save()
    for frame in entry.frames.all():
        Fingerprint.objects.create(asset=frame.asset, bits=SOME, quality=90)
        note_near_copies(frame.asset)
    assert others_of(entry) == []
    other = world.entry("submitted", frames=False)
    second.entry = other
    second.save()
    assert others_of(entry) == [(other, 0)]


def test_what_somebody_dismissed_stays_dismissed_and_the_log_says_why(world):
    one, other = hashed(world.entry("submitted"), SOME), hashed(world.entry("submitted"), NEAR)
    dismiss_near_copy(copy=NearCopy.objects.get(), user=world.organiser, reason="两人同游")
    note_near_copies(other.frames.get().asset)
    assert others_of(one) == others_of(other) == []
    lines = ModelLogEntry.objects.filter(action="competition.entry.dismiss_copy")
    assert sorted(line.object_id for line in lines) == sorted([str(one.pk), str(other.pk)])
    assert {line.data["why"] for line in lines} == {"两人同游"}


def test_what_a_worker_did_not_live_to_compare_is_compared_in_the_next_round(world):
    one = hashed(world.entry("submitted"), SOME)
    other = world.entry("submitted")
    asset = other.frames.get().asset
    Fingerprint.objects.create(asset=asset, bits=NEAR, quality=90)
    MediaAsset.objects.filter(pk=asset.pk).update(state="processing")
    worker_swept.send(None)
    assert others_of(one) == [], "its file is still on its way"
    MediaAsset.objects.filter(pk=asset.pk).update(state="ready")  # and the worker dies here
    worker_swept.send(None)
    assert others_of(one) == [(other, 3)]
    NearCopy.objects.all().delete()
    worker_swept.send(None)
    assert others_of(one) == [], "what has been compared is not compared every few seconds"


def test_a_file_put_in_anothers_place_is_compared_too_when_nobody_told_of_it(world):
    one, draft = hashed(world.entry("submitted"), SOME), hashed(world.draft(), FAR)
    replace_frame(frame=draft.frames.get(), file=photo(), name="b.jpg", user=world.entrant)
    asset = draft.frames.get().asset
    Fingerprint.objects.create(asset=asset, bits=NEAR, quality=90)
    MediaAsset.objects.filter(pk=asset.pk).update(state="ready")
    worker_swept.send(None)
    assert NearCopy.objects.get().other == one.frames.get()


def test_another_file_in_its_place_is_not_covered_by_what_was_said_of_the_first(world):
    hashed(world.entry("submitted"), SOME)
    draft = hashed(world.draft(), NEAR)
    dismiss_near_copy(copy=NearCopy.objects.get(), user=world.organiser, reason="r")
    frame = draft.frames.get()
    replace_frame(frame=frame, file=photo(), name="b.jpg", user=world.entrant)
    assert not NearCopy.objects.exists()
    hashed(draft, SOME)
    assert NearCopy.objects.get().dismissed_at is None


def test_a_picture_that_is_no_more_takes_its_flag_along(world):
    hashed(world.entry("submitted"), SOME)
    draft = hashed(world.draft(), NEAR)
    assert NearCopy.objects.count() == 1
    remove_frame(frame=draft.frames.get(), user=world.entrant)
    assert not NearCopy.objects.exists()


def test_another_association_is_shown_the_number_but_not_whose_it_is(client, world):
    own = hashed(world.submitted(), SOME)
    foreign = World(section=world.section)
    other = hashed(foreign.entry("submitted", number="P-000900"), NEAR)
    client.force_login(world.manager)
    page = client.get(reverse("screening-entry", args=[own.pk])).text
    assert "P-000900" in page
    assert other.title not in page
    assert foreign.company.name not in page


def filmed(entry, moments, start=0.0):
    """Make the work's file a film of these moments, a second apart, with a strip of scenes."""
    asset = entry.frames.get().asset
    type(asset).objects.filter(pk=asset.pk).update(kind="video")
    asset.derivatives.create(
        role="strip",
        name="strip-jpeg",
        file="st/rip.jpg",
        mime_type="image/jpeg",
        width=640,
        height=90,
        byte_size=1,
        details={
            "columns": 4,
            "rows": 1,
            "tiles": 4,
            "tile_width": 160,
            "tile_height": 90,
            "seconds_a_tile": 2,
        },
    )
    Fingerprint.objects.bulk_create(
        Fingerprint(asset=asset, bits=bits, moment=start + at, quality=90)
        for at, bits in enumerate(moments)
    )
    note_near_copies(asset)
    return entry


MOMENTS = [f"{at:x}" * 64 for at in (0x1, 0x6, 0xE, 0xD)]


def test_of_films_the_moments_that_are_alike_stand_side_by_side(client, world):
    one = filmed(world.submitted(), MOMENTS, start=2)
    other = filmed(world.entry("submitted"), MOMENTS[:3])
    [pair] = near_copies_of(one)
    assert (pair.other.entry, pair.copy.distance) == (other, 0)
    assert [(hit.own, hit.other) for hit in pair.moments] == [(2, 0), (3, 1), (4, 2)]
    client.force_login(world.manager)
    page = client.get(reverse("screening-entry", args=[one.pk])).text
    shown = re.findall(r' x="-(\d+)".*?<span class="small">(\d:\d\d)</span>', page)
    assert shown == [
        *(("160", "0:02"), ("320", "0:03"), ("320", "0:04")),
        *(("0", "0:00"), ("160", "0:01"), ("160", "0:02")),
    ]


def test_of_photos_no_moments_are_shown(world):
    one, _other = hashed(world.entry("submitted"), SOME), hashed(world.entry("submitted"), NEAR)
    assert near_copies_of(one)[0].moments == []


def test_the_page_of_a_work_asks_as_often_for_three_that_are_like_it_as_for_one(
    client, world, django_assert_num_queries
):
    one = filmed(world.submitted(), MOMENTS)
    filmed(world.entry("submitted"), MOMENTS)
    client.force_login(world.manager)
    address = reverse("screening-entry", args=[one.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    for _ in range(2):
        filmed(world.entry("submitted"), MOMENTS)
    with django_assert_num_queries(len(queries)):
        assert len(client.get(address).context["near_copies"]) == 3


def test_the_organiser_filters_looks_and_dismisses(world):
    one, _other = hashed(world.entry("submitted"), SOME), hashed(world.entry("submitted"), NEAR)
    alone = world.entry("submitted")
    client = sign_in("Organisers")
    listed = client.get(reverse("works:index"), {"with_copies": "true"}).text
    assert one.number in listed
    assert alone.number not in listed
    address = reverse("competition_dismiss_copy", args=[NearCopy.objects.get().pk])
    assert address in client.get(reverse("works:inspect", args=[one.pk])).text
    client.post(address, {"reason": "不同的船"})
    assert others_of(one) == []


@pytest.mark.media
def test_a_mirrored_and_smaller_copy_of_a_real_file_is_flagged(world):
    noise = Image.effect_noise((60, 40), 90).resize((1200, 800), Image.Resampling.BICUBIC)
    pictures = [noise, ImageOps.mirror(noise).resize((600, 400))]
    entries = [world.draft(frames=False, title=f"画{n}") for n in range(2)]
    for entry, picture in zip(entries, pictures, strict=True):
        content = io.BytesIO()
        picture.convert("RGB").save(content, "JPEG", quality=80)
        content.seek(0)
        frame = add_frame(entry=entry, file=content, name="a.jpg", user=world.entrant)
        process_asset(frame.asset_id)
    copy = NearCopy.objects.get()
    assert (copy.frame.entry, copy.other.entry) == (entries[1], entries[0])
    assert copy.is_mirrored


def processed_film(world, path):
    """A work with this film, processed."""
    entry = world.draft(frames=False, title=path.stem)
    with path.open("rb") as file:
        frame = add_frame(entry=entry, file=File(file), name=path.name, user=world.entrant)
    process_asset(frame.asset_id)
    return entry


@pytest.mark.media
def test_a_film_without_its_head_smaller_mirrored_and_encoded_anew_is_flagged(tmp_path):
    world = World(section=SectionFactory(kind="micro_video"))
    film = make_slideshow(tmp_path / "film.mp4", [scene(seed) for seed in range(1, 7)])
    copy, stranger = tmp_path / "copy.mp4", tmp_path / "stranger.mp4"
    ffmpeg("-ss", "2.3", "-i", film, "-vf", "hflip,scale=320:240", "-r", "24", "-crf", "33", copy)
    make_slideshow(stranger, [scene(seed) for seed in (1, 11, 12, 13, 14, 15)])
    entries = [processed_film(world, path) for path in (film, copy, stranger)]
    found = NearCopy.objects.get()
    assert (found.frame.entry, found.other.entry) == (entries[1], entries[0])
    assert found.is_mirrored
