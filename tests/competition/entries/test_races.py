"""Many at once: limits and numbers hold."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from wagtail.models import ModelLogEntry

from competition.entries.appeals import dismiss_appeal, make_appeal, uphold_appeal
from competition.entries.exact_copies import find_copies
from competition.entries.frames import add_frame
from competition.entries.merging import merge_organisations
from competition.entries.models import Entry, EntryRevision, Release
from competition.entries.papers import MOST
from competition.entries.queries import places_left
from competition.entries.releases import add_release, remove_release
from competition.entries.series import split_entry
from competition.entries.services import EntryRefused, submit_entry
from competition.entries.wishes import fulfil_wish, fulfil_wishes_left_over, wish_submission
from media_processing.models import MediaAsset
from tests.competition.entries.worlds import photo
from tests.factories import (
    AppealFactory,
    CompanyFactory,
    FrameFactory,
    MembershipFactory,
    ReleaseFactory,
    SectionFactory,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(calls, refusal=EntryRefused):
    """Run the calls together; return how many were not refused."""
    start = threading.Barrier(len(calls), timeout=60)

    def run(call):
        try:
            start.wait()
            call()
            return True
        except refusal:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return sum(done.result() for done in [pool.submit(run, call) for call in calls])


def submission(world, entry):
    return lambda: submit_entry(entry=entry, user=world.entrant, accepts_rights=True)


def test_eight_submissions_at_the_limit_minus_one_leave_one_through(world):
    world.section.entries_per_organisation = 3
    world.section.save()
    world.submitted()
    world.submitted()
    drafts = [world.draft() for _ in range(8)]
    assert at_once([submission(world, entry) for entry in drafts]) == 1
    assert Entry.objects.filter(state="submitted").count() == 3


def test_of_eight_submissions_of_one_file_one_gets_through(world):
    """Of one organisation or of several: the edition's lock lets one after the other look."""
    others = [MembershipFactory() for _ in range(4)]
    drafts = [(world.draft(), world.entrant) for _ in range(4)]
    drafts += [(world.draft(organisation=one.organisation), one.user) for one in others]
    MediaAsset.objects.update(sha256="5" * 64)
    calls = [
        partial(submit_entry, entry=entry, user=user, accepts_rights=True) for entry, user in drafts
    ]
    assert at_once(calls) == 1
    assert Entry.objects.filter(state="submitted").count() == 1


def test_without_the_lock_copies_get_through(world):
    """The control: who looks before anybody has written finds nothing."""
    drafts = [world.draft(number=f"P-{n:06d}", declared=True) for n in range(4)]
    MediaAsset.objects.update(sha256="5" * 64)
    have_looked = threading.Barrier(4, timeout=60)

    def naive(entry):
        found = find_copies([entry])[entry.pk]
        have_looked.wait()
        if not found.own:
            Entry.objects.filter(pk=entry.pk).update(state="submitted")

    assert at_once([partial(naive, entry) for entry in drafts]) == 4
    assert Entry.objects.filter(state="submitted").count() == 4


def test_without_the_lock_the_limit_is_overrun(world):
    """The control: looking first and writing later lets all through."""
    world.section.entries_per_organisation = 1
    world.section.save()
    drafts = [world.draft(number=f"P-{n:06d}", declared=True) for n in range(4)]
    have_looked = threading.Barrier(4, timeout=60)

    def naive(entry):
        left = places_left(world.section, world.company)
        have_looked.wait()
        if left:
            Entry.objects.filter(pk=entry.pk).update(state="submitted")

    assert at_once([lambda e=entry: naive(e) for entry in drafts]) == 4
    assert Entry.objects.filter(state="submitted").count() == 4


def test_sixteen_submissions_get_sixteen_numbers_in_a_row(world):
    drafts = [world.draft() for _ in range(16)]
    assert at_once([submission(world, entry) for entry in drafts]) == 16
    numbers = Entry.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [f"P-{n:06d}" for n in range(1, 17)]


def test_a_double_click_submits_once(world):
    entry = world.draft()
    assert at_once([submission(world, Entry.objects.get(pk=entry.pk)) for _ in range(6)]) == 1
    assert EntryRevision.objects.count() == 1


def test_files_sent_at_once_stop_at_the_sections_limit(world):
    world.section.kind, world.section.max_frames = "photo_series", 4
    world.section.save()
    entry = world.draft(frames=False)
    calls = [lambda: add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)] * 7
    assert at_once(calls) == 4
    positions = entry.frames.values_list("position", flat=True)
    assert list(positions) == [1, 2, 3, 4]


def test_of_four_answers_to_one_appeal_one_counts(world):
    appeal = AppealFactory(entry=world.entry("rejected"), made_by=world.entrant)
    calls = [
        partial(verb, appeal=appeal, user=world.organiser, reason="复核")
        for verb in (uphold_appeal, dismiss_appeal) * 2
    ]
    assert at_once(calls) == 1
    appeal.refresh_from_db()
    appeal.entry.refresh_from_db()
    is_upheld = appeal.answer == "upheld"
    assert appeal.entry.state == ("admitted" if is_upheld else "rejected")


def test_of_four_appeals_for_one_work_one_is_made(world):
    entry = world.entry("rejected")
    calls = [partial(make_appeal, entry=entry, user=world.entrant, text="请复核")] * 4
    assert at_once(calls) == 1
    assert entry.appeals.count() == 1


def test_a_wish_taken_up_by_many_workers_and_the_button_pressed_meanwhile_submits_once(world):
    """Whoever holds the edition first; none waits for another in a ring."""
    entry = world.draft()
    wish_submission(entry=entry, user=world.entrant, accepts_rights=True)
    calls = [fulfil_wishes_left_over, partial(fulfil_wish, entry), submission(world, entry)]
    at_once(calls * 3)
    entry.refresh_from_db()
    assert (entry.state, entry.revisions.count()) == ("submitted", 1)


def test_of_four_removals_of_one_release_one_is_logged(world):
    release = ReleaseFactory(entry=world.draft())
    calls = [partial(remove_release, release=release, user=world.entrant)] * 4
    assert at_once(calls) == 4
    assert not Release.objects.exists()
    assert ModelLogEntry.objects.filter(action="competition.entry.release_remove").count() == 1


def test_releases_that_come_while_a_series_comes_apart_are_kept(world):
    """The organisation is held before the work by both."""
    world.section.kind, world.section.max_frames = "photo_series", 4
    world.section.save()
    single = SectionFactory(edition=world.edition)
    entry = world.draft()
    FrameFactory(entry=entry, position=2)

    def send(number):
        content = ContentFile(f"%PDF-1.7 {number}".encode())
        add_release(entry=entry, file=content, name="同意书.pdf", user=world.entrant)

    send("was there")
    split = partial(split_entry, entry=entry, section=single, user=world.entrant)
    assert at_once([*[partial(send, number) for number in range(3)], split]) == 4
    assert entry.releases.count() == 4
    (other,) = Entry.objects.exclude(pk=entry.pk)
    papers = set(entry.releases.values_list("sha256", flat=True))
    assert set(other.releases.values_list("sha256", flat=True)) <= papers
    assert other.releases.exists()


def test_a_release_sent_while_the_organisation_is_merged_is_kept(world):
    entry, kept = world.draft(), CompanyFactory(association=world.association)
    MembershipFactory(organisation=kept, user=world.entrant)

    def send(number):
        content = ContentFile(f"%PDF-1.7 {number}".encode())
        add_release(entry=entry, file=content, name="同意书.pdf", user=world.entrant)

    merge = partial(merge_organisations, kept=kept, gone=world.company, user=world.organiser)
    assert at_once([*[partial(send, number) for number in range(4)], merge]) == 5
    entry.refresh_from_db()
    assert (entry.organisation, entry.releases.count()) == (kept, 4)


def test_one_release_sent_four_times_is_kept_once(world):
    entry = world.draft()

    def send():
        add_release(
            entry=entry, file=ContentFile(b"%PDF-1.7"), name="同意书.pdf", user=world.entrant
        )

    assert at_once([send] * 4) == 4
    assert entry.releases.count() == 1


def test_of_eight_releases_at_the_limit_minus_one_one_is_kept(world):
    entry = world.draft()
    for _ in range(MOST - 1):
        ReleaseFactory(entry=entry)

    def send(number):
        content = ContentFile(f"%PDF-1.7 {number}".encode())
        add_release(entry=entry, file=content, name="同意书.pdf", user=world.entrant)

    assert at_once([partial(send, number) for number in range(8)]) == 1
    assert entry.releases.count() == MOST
