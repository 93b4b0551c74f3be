"""Drafts, their files, and their submission."""

import pytest
from django.core.files.storage import storages

from competition.entries.frames import add_frame, order_frames, remove_frame, replace_frame
from competition.entries.models import Entry, EntryRevision, Frame
from competition.entries.services import (
    EntryRefused,
    create_entry,
    delete_draft,
    return_entry,
    submit_entry,
    update_entry,
    withdraw_entry,
)
from media_processing.models import MediaAsset
from tests.competition.entries.worlds import World, photo
from tests.factories import AssetFactory, FrameFactory, SectionFactory, close_phase

pytestmark = pytest.mark.django_db


def test_a_draft_begins_with_its_texts(world):
    entry = create_entry(
        section=world.section,
        organisation=world.company,
        user=world.entrant,
        title="晨光",
        author_names="张三、李四",
        place="杭州",
    )
    entry.refresh_from_db()
    assert (entry.state, entry.number, entry.edition) == ("draft", None, world.edition)
    assert (entry.title, entry.author_names, entry.place) == ("晨光", "张三、李四", "杭州")
    assert entry.created_by == world.entrant


def test_a_draft_needs_title_and_authors(world):
    with pytest.raises(EntryRefused) as refusal:
        create_entry(
            section=world.section,
            organisation=world.company,
            user=world.entrant,
            title="",
            author_names="",
        )
    assert len(refusal.value.messages) == 2
    assert not Entry.objects.exists()


def test_nobody_begins_a_work_for_an_organisation_of_others(world):
    with pytest.raises(EntryRefused):
        create_entry(
            section=world.section,
            organisation=world.company,
            user=world.stranger,
            title="t",
            author_names="a",
        )


def test_only_an_entrants_fields_can_be_changed(world):
    entry = world.draft()
    update_entry(entry=entry, user=world.entrant, title="新题目", story="")
    assert entry.title == "新题目"
    with pytest.raises(TypeError):
        update_entry(entry=entry, user=world.entrant, state="admitted")


def test_a_submitted_work_is_read_only(world):
    entry = world.submitted()
    for attempt in (
        lambda: update_entry(entry=entry, user=world.entrant, title="x"),
        lambda: add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant),
        lambda: remove_frame(frame=entry.frames.get(), user=world.entrant),
        lambda: replace_frame(
            frame=entry.frames.get(), file=photo(), name="a.jpg", user=world.entrant
        ),
        lambda: submit_entry(entry=entry, user=world.entrant, accepts_rights=True),
        lambda: delete_draft(entry=entry, user=world.entrant),
    ):
        with pytest.raises(EntryRefused):
            attempt()
    assert entry.frames.count() == 1
    assert MediaAsset.objects.count() == 1


# --- files --------------------------------------------------------------------------------


def test_a_file_becomes_the_last_frame_and_waits_for_the_worker(world):
    world.section.max_frames = 3
    world.section.save()
    entry = world.draft()
    frame = add_frame(entry=entry, file=photo("b.jpg"), name="b.jpg", user=world.entrant)
    assert frame.position == 2
    assert (frame.asset.state, frame.asset.original_name) == ("received", "b.jpg")
    assert frame.asset.media_rules == world.section.media_rules


def test_a_work_takes_no_more_files_than_its_section_allows(world):
    entry = world.draft()
    with pytest.raises(EntryRefused):
        add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)
    assert MediaAsset.objects.count() == 1


def test_an_empty_file_is_refused_at_once_in_plain_words(world):
    entry = world.draft(frames=False)
    with pytest.raises(EntryRefused) as refusal:
        add_frame(entry=entry, file=photo(content=b""), name="a.jpg", user=world.entrant)
    assert len(refusal.value.messages[0]) > 5
    assert not entry.frames.exists()


def test_a_refused_file_stays_until_it_is_removed(world):
    entry = world.draft(frames=False)
    FrameFactory(entry=entry, asset=AssetFactory(state="refused", reason="damaged"))
    with pytest.raises(EntryRefused):
        submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    remove_frame(frame=entry.frames.get(), user=world.entrant)
    assert not MediaAsset.objects.exists()


def series(world, count):
    section = SectionFactory(edition=world.edition, kind="photo_series", min_frames=4, max_frames=8)
    entry = world.draft(section=section, frames=False)
    return entry, [FrameFactory(entry=entry, position=n + 1) for n in range(count)]


def test_frames_are_ordered_as_asked(world):
    entry, frames = series(world, 4)
    order = [frames[2].pk, frames[0].pk, frames[3].pk, frames[1].pk]
    order_frames(entry=entry, frame_ids=order, user=world.entrant)
    assert list(entry.frames.values_list("pk", "position")) == list(
        zip(order, [1, 2, 3, 4], strict=True)
    )


@pytest.mark.parametrize("change", [lambda ids: ids[1:], lambda ids: [*ids[1:], ids[1]]])
def test_an_order_that_forgets_or_doubles_a_frame_is_refused(world, change):
    entry, frames = series(world, 4)
    with pytest.raises(EntryRefused):
        order_frames(entry=entry, frame_ids=change([f.pk for f in frames]), user=world.entrant)


def test_removing_a_frame_closes_the_gap(world):
    entry, frames = series(world, 4)
    remove_frame(frame=frames[1], user=world.entrant)
    assert list(entry.frames.values_list("pk", "position")) == [
        (frames[0].pk, 1),
        (frames[2].pk, 2),
        (frames[3].pk, 3),
    ]


def test_a_replaced_file_goes_and_the_new_one_takes_its_place(world):
    entry = world.draft(frames=False)
    frame = add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)
    old = frame.asset
    replace_frame(frame=frame, file=photo("b.jpg"), name="b.jpg", user=world.entrant)
    frame = Frame.objects.get(pk=frame.pk)
    assert (frame.position, frame.asset.original_name) == (1, "b.jpg")
    assert not MediaAsset.objects.filter(pk=old.pk).exists()


def test_a_file_that_a_revision_names_is_kept_when_it_is_replaced(world):
    entry = world.draft(frames=False)
    frame = add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)
    first = frame.asset
    MediaAsset.objects.update(state="ready")
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    return_entry(entry=entry, user=world.organiser, reason="太暗")
    replace_frame(frame=frame, file=photo("b.jpg"), name="b.jpg", user=world.entrant)
    assert MediaAsset.objects.filter(pk=first.pk).exists()
    assert storages["originals"].exists(first.original.name)
    (revision,) = entry.revisions.all()
    assert revision.content["frames"] == [{"asset": str(first.pk), "position": 1, "caption": ""}]


def test_a_deleted_draft_takes_its_files_along(world, django_capture_on_commit_callbacks):
    entry = world.draft(frames=False)
    frame = add_frame(entry=entry, file=photo(), name="a.jpg", user=world.entrant)
    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(entry=entry, user=world.entrant)
    assert not Entry.objects.exists()
    assert not MediaAsset.objects.exists()
    assert not storages["originals"].exists(frame.asset.original.name)


# --- submission ---------------------------------------------------------------------------


def test_a_submission_gives_number_rights_and_revision(world):
    entry = world.draft(title="晨光")
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    assert (entry.state, entry.number) == ("submitted", "P-000001")
    assert entry.rights_accepted_by == world.entrant
    assert entry.submitted_at == entry.rights_accepted_at is not None
    revision = EntryRevision.objects.get()
    assert (revision.entry, revision.number, revision.content["title"]) == (entry, 1, "晨光")


def test_everything_that_is_missing_is_said_at_once(world):
    entry, _frames = series(world, 2)
    FrameFactory(entry=entry, position=3, asset=AssetFactory(state="processing"))
    with pytest.raises(EntryRefused) as refusal:
        submit_entry(entry=entry, user=world.entrant, accepts_rights=False)
    assert len(refusal.value.messages) == 3  # too few, one not ready, rights
    assert entry.state == "draft"
    assert not EntryRevision.objects.exists()


@pytest.mark.parametrize(("count", "fits"), [(3, False), (4, True), (8, True), (9, False)])
def test_a_series_has_from_four_to_eight_frames(world, count, fits):
    entry, _frames = series(world, count)
    if fits:
        submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
        assert entry.number == "S-000001"
    else:
        with pytest.raises(EntryRefused):
            submit_entry(entry=entry, user=world.entrant, accepts_rights=True)


def test_numbers_run_by_edition_and_prefix_and_are_never_reused(world):
    first, second = world.submitted(), world.submitted()
    withdraw_entry(entry=second, user=world.entrant)
    video = SectionFactory(edition=world.edition, kind="micro_video")
    assert [first.number, second.number, world.submitted().number] == [
        "P-000001",
        "P-000002",
        "P-000003",
    ]
    assert world.submitted(section=video).number == "V-000001"
    assert World().submitted().number == "P-000001"
    with pytest.raises(Exception, match="protected"):
        first.delete()


def test_neither_a_deleted_draft_nor_a_return_frees_or_takes_a_number(world):
    first = world.submitted()
    delete_draft(entry=world.draft(), user=world.entrant)
    return_entry(entry=first, user=world.organiser, reason="改")
    with pytest.raises(EntryRefused):
        delete_draft(entry=first, user=world.entrant)
    assert world.submitted().number == "P-000002"
    submit_entry(entry=first, user=world.entrant, accepts_rights=True)
    assert first.number == "P-000001"


def test_a_resubmission_keeps_the_number_and_adds_a_revision(world):
    entry = world.submitted(title="旧")
    return_entry(entry=entry, user=world.organiser, reason="题目不清")
    update_entry(entry=entry, user=world.entrant, title="新")
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    assert entry.number == "P-000001"
    assert entry.advice == ""
    contents = entry.revisions.values_list("number", "content__title")
    assert list(contents) == [(1, "旧"), (2, "新")]


def test_the_sections_limit_counts_what_was_submitted_and_not_withdrawn(world):
    world.section.entries_per_organisation = 2
    world.section.save()
    first, second, third = world.submitted(), world.submitted(), world.draft()
    with pytest.raises(EntryRefused):
        submit_entry(entry=third, user=world.entrant, accepts_rights=True)
    return_entry(entry=first, user=world.organiser, reason="改")
    submit_entry(entry=first, user=world.entrant, accepts_rights=True)  # its place is its own
    withdraw_entry(entry=second, user=world.entrant)
    submit_entry(entry=third, user=world.entrant, accepts_rights=True)
    assert third.state == "submitted"


def test_a_work_can_be_withdrawn_while_the_call_is_open_only(world):
    entry = world.submitted()
    close_phase(world.edition, "call")
    with pytest.raises(EntryRefused):
        withdraw_entry(entry=entry, user=world.entrant)
    with pytest.raises(EntryRefused):
        withdraw_entry(entry=entry, user=world.stranger)
    assert entry.state == "submitted"
