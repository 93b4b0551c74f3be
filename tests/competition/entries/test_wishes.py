"""A work that is submitted when its files are ready, though nobody is at the page any more."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.entries import wishes
from competition.entries.checks import EntryRefused
from competition.entries.models import Entry
from competition.entries.series import join_entries
from competition.entries.wishes import fulfil_wish, take_back_wish, wish_submission
from media_processing.models import MediaAsset
from media_processing.signals import asset_processed, worker_swept
from portal.notifications.models import Notice
from tests.factories import AssetFactory, FrameFactory, SectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(world):
    """A draft whose only file is being uploaded."""
    entry = world.draft(frames=False)
    FrameFactory(entry=entry, asset=AssetFactory(state="uploading"))
    return entry


def wish(world, entry, accepts_rights=True):
    wish_submission(entry=entry, user=world.entrant, accepts_rights=accepts_rights)


def processed(entry, state):
    """A worker ends with the work's file."""
    MediaAsset.objects.update(state=state, reason="" if state == "ready" else "damaged")
    asset_processed.send(MediaAsset, asset=entry.frames.get().asset)
    entry.refresh_from_db()


def test_it_is_submitted_when_its_last_file_is_ready(world, entry):
    wish(world, entry)
    processed(entry, "processing")
    assert entry.state == "draft"
    processed(entry, "ready")
    assert (entry.state, entry.number, entry.submit_when_ready) == ("submitted", "P-000001", False)
    assert entry.rights_accepted_by == world.entrant
    processed(entry, "ready")
    assert entry.revisions.count() == 1


def test_a_refused_file_ends_the_wish_and_the_person_is_told(world, entry):
    wish(world, entry)
    processed(entry, "refused")
    assert (entry.state, entry.submit_when_ready) == ("draft", False)
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (world.entrant, "entry_not_submitted")
    assert notice.context["reason"]
    fulfil_wish(entry)
    assert Notice.objects.count() == 1


def test_the_limit_holds_for_wishes_too(world, entry):
    world.section.entries_per_organisation = 1
    world.section.save()
    wish(world, entry)
    world.submitted()
    processed(entry, "ready")
    assert entry.state == "draft"
    assert Notice.objects.filter(kind="entry_not_submitted").count() == 1


def test_without_a_wish_nothing_is_submitted(world, entry):
    processed(entry, "ready")
    assert entry.state == "draft"


def test_a_wish_needs_the_rights_and_nothing_else_missing(world, entry):
    with pytest.raises(EntryRefused):
        wish(world, entry, accepts_rights=False)
    with pytest.raises(EntryRefused):
        wish(world, world.draft(frames=False))
    with pytest.raises(EntryRefused):
        wish_submission(entry=entry, user=world.stranger, accepts_rights=True)
    entry.refresh_from_db()
    assert entry.submit_when_ready is False


# --- what a dead worker left, and what is not wished any more -------------------------------


def test_a_wish_whose_news_was_lost_is_taken_up_by_the_next_round(world, entry):
    wish(world, entry)
    worker_swept.send(None)
    entry.refresh_from_db()
    assert entry.state == "draft", "its file is still on its way"
    MediaAsset.objects.update(state="ready")  # and the worker dies before it can say so
    for _round in range(2):
        worker_swept.send(None)
    entry.refresh_from_db()
    assert (entry.state, entry.revisions.count()) == ("submitted", 1)


def test_one_wish_that_breaks_holds_up_no_other(world, entry, monkeypatch):
    broken = world.draft()
    for one in (broken, entry):
        wish(world, one)
    MediaAsset.objects.update(state="ready")
    submit = wishes.submit_entry

    def breaks(*, entry, **kwargs):
        if entry.pk == broken.pk:
            raise RuntimeError
        submit(entry=entry, **kwargs)

    monkeypatch.setattr(wishes, "submit_entry", breaks)
    worker_swept.send(None)
    assert Entry.objects.get(state="submitted") == entry
    monkeypatch.undo()
    worker_swept.send(None)
    assert Entry.objects.filter(state="submitted").count() == 2


@pytest.mark.parametrize("page", ["works-desk-row", "entry-edit"])
def test_a_wish_is_taken_back_where_it_was_made(world, entry, client, page):
    wish(world, entry)
    client.force_login(world.entrant)
    client.post(reverse(page, args=[entry.pk]), {**texts(entry), "do": "unwish"})
    MediaAsset.objects.update(state="ready")
    worker_swept.send(None)
    entry.refresh_from_db()
    assert (entry.state, entry.submit_when_ready) == ("draft", False)
    assert ModelLogEntry.objects.filter(action="competition.entry.unwish").count() == 1


def test_nobody_else_takes_it_back(world, entry):
    wish(world, entry)
    with pytest.raises(EntryRefused):
        take_back_wish(entry=entry, user=world.stranger)
    entry.refresh_from_db()
    assert entry.submit_when_ready


def test_a_draft_that_goes_into_a_series_is_not_submitted_unseen(world, entry):
    wish(world, entry)
    series = SectionFactory(edition=world.edition, kind="photo_series", max_frames=8)
    joined = join_entries(entries=[entry, world.draft()], section=series, user=world.entrant)
    joined.refresh_from_db()
    assert not joined.submit_when_ready


def texts(entry):
    return {"title": entry.title, "author_names": entry.author_names, "ai_use": entry.ai_use}
