"""A work that is submitted when its files are ready, though nobody is at the page any more."""

import pytest

from competition.entries.checks import EntryRefused
from competition.entries.wishes import fulfil_wish, wish_submission
from media_processing.models import MediaAsset
from media_processing.signals import asset_processed
from portal.notifications.models import Notice
from tests.factories import AssetFactory, FrameFactory

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
