"""The works desk: many files begin works, a spreadsheet fills them in, series are joined."""

from datetime import date

import pytest
from django.utils import translation

from competition.entries.checks import EntryRefused, FileTooLarge
from competition.entries.desk import Announced, Change, begin_files, save_changes, submit_works
from competition.entries.frames import choose_cover
from competition.entries.grid import read_grid
from competition.entries.models import Entry, Frame, Release, SheetRow
from competition.entries.series import change_section, join_entries, split_entry
from competition.entries.services import delete_draft
from competition.entries.sheets import keep_sheet
from media_processing.models import MediaAsset
from tests.competition.entries.test_races import at_once
from tests.competition.entries.worlds import World
from tests.factories import (
    AssetFactory,
    FrameFactory,
    ReleaseFactory,
    SectionFactory,
    close_phase,
)

pytestmark = pytest.mark.django_db
HEADINGS = ["文件名", "作品标题", "作者", "参赛单元", "拍摄日期"]


@pytest.fixture
def series(world):
    return SectionFactory(
        edition=world.edition, kind="photo_series", title="组照", min_frames=4, max_frames=8
    )


@pytest.fixture
def films(world):
    return SectionFactory(edition=world.edition, kind="micro_video", title="微视频")


def begin(world, *names, size=4):
    return begin_files(
        edition=world.edition,
        organisation=world.company,
        files=[Announced(name, size) for name in names],
        sections=world.edition.sections.all(),
        user=world.entrant,
    )


def keep(world, *rows):
    table = [HEADINGS, *rows]
    return keep_sheet(
        edition=world.edition, organisation=world.company, user=world.entrant, table=table
    )


def grid(world):
    return read_grid(world.edition, world.company)


def named(world, *names, **fields):
    """A draft with a ready file of each name."""
    entry = world.draft(frames=False, **fields)
    for position, name in enumerate(names, start=1):
        FrameFactory(entry=entry, position=position, asset=AssetFactory(original_name=name))
    return entry


# --- files --------------------------------------------------------------------------------


def test_each_file_begins_a_draft_in_the_section_of_its_kind(world, films):
    begun = begin(world, "晨光_13800000000.jpg", "潮.mp4")
    assert [one.messages for one in begun] == [[], []]
    works = [one.frame.entry for one in begun]
    assert [(work.title, work.section) for work in works] == [
        ("晨光", world.section),
        ("潮", films),
    ]
    assert works[0].author_names == world.entrant.get_full_name()
    assert [one.frame.asset.state for one in begun] == ["uploading", "uploading"]


def test_asking_again_makes_nothing_twice(world):
    first = begin(world, "a.jpg", "b.jpg", "a.jpg")
    again = begin(world, "a.jpg", "a.jpg", "b.jpg", "c.jpg")
    assert [one.frame.pk for one in again[:3]] == [first[at].frame.pk for at in (0, 2, 1)]
    assert Entry.objects.count() == 4


def test_a_file_that_has_arrived_is_not_taken_again(world):
    (first,) = begin(world, "a.jpg")
    MediaAsset.objects.update(state="ready")
    (again,) = begin(world, "a.jpg")
    assert again.frame == first.frame
    MediaAsset.objects.update(state="refused")
    (other,) = begin(world, "a.jpg")
    assert other.frame != first.frame


def test_a_refused_file_says_why_leaves_no_draft_and_stops_no_other(world):
    begun = begin(world, "说明.txt", "潮.mp4", "a.jpg")
    assert [len(one.messages) for one in begun] == [1, 1, 0]
    assert "JPEG" in begun[0].messages[0]
    assert [entry.title for entry in Entry.objects.all()] == ["a"]


def test_nothing_begins_after_the_call(world):
    close_phase(world.edition, "call")
    (begun,) = begin(world, "a.jpg")
    assert (len(begun.messages), Entry.objects.count()) == (1, 0)


def test_a_stranger_begins_nothing(world):
    with pytest.raises(EntryRefused):
        begin_files(
            edition=world.edition,
            organisation=world.company,
            files=[Announced("a.jpg", 4)],
            sections=world.edition.sections.all(),
            user=world.stranger,
        )


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_request_sent_again_while_the_first_is_at_work_makes_nothing_twice(world):
    assert at_once([lambda: begin(world, "a.jpg", "b.jpg")] * 4) == 4
    assert Entry.objects.count() == 2


# --- typing -------------------------------------------------------------------------------


def test_a_change_is_saved_once_however_often_it_is_sent(world):
    entry = world.draft(title="旧")
    for _ in range(2):
        theirs = save_changes(
            entry=entry, user=world.entrant, changes={"title": Change("旧", "新")}
        )
        assert theirs == {}
    assert entry.title == "新"


def test_what_somebody_else_wrote_is_told_and_the_rest_is_saved(world):
    entry = world.draft(title="她的", place="")
    changes = {"title": Change("旧", "我的"), "taken_on": Change("", date(2026, 5, 1))}
    assert save_changes(entry=entry, user=world.entrant, changes=changes) == {"title": "她的"}
    entry.refresh_from_db()
    assert (entry.title, entry.taken_on) == ("她的", date(2026, 5, 1))


# --- series -------------------------------------------------------------------------------


def test_drafts_become_a_series_in_their_order_and_nothing_typed_is_lost(world, series):
    works = [named(world, f"{n}.jpg", title=f"题{n}", story=f"事{n}") for n in range(4)]
    joined = join_entries(
        entries=[works[2], *works[:2], works[3]], section=series, user=world.entrant
    )
    assert Entry.objects.get() == joined == works[2]
    assert (joined.title, joined.section) == ("题2", series)
    assert joined.story == "事2\n\n事0\n\n事1\n\n事3"
    frames = joined.frames.values_list("position", "asset__original_name", "caption")
    assert list(frames) == [
        (1, "2.jpg", ""),
        (2, "0.jpg", "题0"),
        (3, "1.jpg", "题1"),
        (4, "3.jpg", "题3"),
    ]


def test_a_series_says_of_ai_and_people_what_asks_most(world, series):
    works = [
        world.draft(ai_use="none", portraits="none"),
        world.draft(ai_use="generated", ai_note="天空由 AI 生成", portraits="consented"),
        world.draft(ai_use="assisted", ai_note="AI 降噪", portraits="none"),
    ]
    joined = join_entries(entries=works, section=series, user=world.entrant)
    joined.refresh_from_db()
    said = (joined.ai_use, joined.ai_note, joined.portraits)
    assert said == ("generated", "天空由 AI 生成；AI 降噪", "consented")


def test_a_series_says_nothing_where_one_of_its_drafts_says_nothing(world, series):
    works = [world.draft(), world.draft(ai_use="", portraits="")]
    joined = join_entries(entries=works, section=series, user=world.entrant)
    joined.refresh_from_db()
    assert (joined.ai_use, joined.portraits) == ("", "")


def test_a_draft_without_a_file_owes_no_word_and_what_it_says_counts(world, series):
    works = [
        world.draft(ai_use="none", portraits="none"),
        world.draft(ai_use="", portraits="", frames=False),
        world.draft(ai_use="assisted", ai_note="AI 降噪", portraits="", frames=False),
    ]
    joined = join_entries(entries=works, section=series, user=world.entrant)
    joined.refresh_from_db()
    assert (joined.ai_use, joined.portraits) == ("assisted", "none")


def test_notes_too_long_together_leave_the_drafts_as_they_were(world, series):
    works = [world.draft(ai_use="assisted", ai_note=letter * 200) for letter in "ab"]
    with translation.override("en"), pytest.raises(EntryRefused, match="shorten the notes"):
        join_entries(entries=works, section=series, user=world.entrant)
    assert [work.ai_note for work in Entry.objects.all()] == ["a" * 200, "b" * 200]


def test_releases_go_along_into_the_series_and_no_file_is_lost(
    world, series, django_capture_on_commit_callbacks
):
    works = [world.draft(), world.draft(), world.draft()]
    same = [ReleaseFactory(entry=work, sha256="1" * 64) for work in works[:2]]
    other = ReleaseFactory(entry=works[2])
    with django_capture_on_commit_callbacks(execute=True):
        joined = join_entries(entries=works, section=series, user=world.entrant)
    assert list(joined.current_releases) == [same[0], other]
    kept = [one.file.storage.exists(one.file.name) for one in (same[0], other, same[1])]
    assert kept == [True, True, False]


def test_each_work_of_a_series_that_comes_apart_says_the_same_and_has_its_own_papers(
    world, series, django_capture_on_commit_callbacks
):
    said = {"ai_use": "assisted", "ai_note": "AI 降噪", "portraits": "consented"}
    entry = named(world, "1.jpg", "2.jpg", section=series, **said)
    ReleaseFactory(entry=entry)
    first, second = split_entry(entry=entry, section=world.section, user=world.entrant)
    second.refresh_from_db()
    assert {name: getattr(second, name) for name in said} == said
    with django_capture_on_commit_callbacks(execute=True):
        delete_draft(entry=first, user=world.entrant)
    (paper,) = second.current_releases
    with paper.file.open("rb") as file:
        assert file.read() == b"%PDF-1.7 signed"


def test_a_series_stays_whole_where_the_quota_has_no_room_for_the_copies(
    world, series, monkeypatch
):
    entry = named(world, "1.jpg", "2.jpg", "3.jpg", section=series)
    ReleaseFactory(entry=entry)
    storage = entry.releases.get().file.storage
    stored = set(storage.listdir("releases")[1])

    def one_is_enough(target, *args, **kwargs):
        if target.pk > entry.pk + 1:
            raise FileTooLarge("full")

    monkeypatch.setattr("competition.entries.releases.require_quota", one_is_enough)
    with pytest.raises(FileTooLarge):
        split_entry(entry=entry, section=world.section, user=world.entrant)
    assert (Entry.objects.get().frames.count(), Release.objects.count()) == (3, 1)
    assert set(storage.listdir("releases")[1]) == stored, "no copy is left lying"


def test_more_than_the_section_takes_are_not_joined(world, series):
    works = [named(world, f"{n}.jpg") for n in range(9)]
    with pytest.raises(EntryRefused, match="8"):
        join_entries(entries=works, section=series, user=world.entrant)
    assert Entry.objects.count() == 9


def test_a_file_too_small_for_the_series_stays_where_it_is(world, series):
    series.min_long_side = 4000
    series.save()
    works = [named(world, "大.jpg"), named(world, "小.jpg")]
    with pytest.raises(EntryRefused, match=r"大\.jpg"):
        join_entries(entries=works, section=series, user=world.entrant)
    assert Frame.objects.filter(entry=works[1]).count() == 1


def test_what_was_submitted_before_is_not_joined(world, series):
    works = [world.draft(), world.entry("returned")]
    with pytest.raises(EntryRefused):
        join_entries(entries=works, section=series, user=world.entrant)
    assert Entry.objects.count() == 2


def test_a_series_comes_apart_into_works(world, series):
    entry = named(world, "1.jpg", "2.jpg", section=series, title="船坞")
    choose_cover(frame=entry.frames.last(), user=world.entrant)
    works = split_entry(entry=entry, section=world.section, user=world.entrant)
    assert [(work.title, work.section, work.frames.count()) for work in works] == [
        ("船坞", world.section, 1)
    ] * 2
    assert not Frame.objects.filter(is_cover=True).exists()


def test_a_work_keeps_to_the_sections_of_its_kind_and_edition(world, films):
    entry = world.draft()
    for section in (films, SectionFactory()):
        with pytest.raises(EntryRefused):
            change_section(entry=entry, section=section, user=world.entrant)
    other = SectionFactory(edition=world.edition, max_mb=7)
    MediaAsset.objects.update(state="received")
    change_section(entry=entry, section=other, user=world.entrant)
    assert entry.frames.get().asset.media_rules == other.media_rules


def test_a_file_a_worker_has_is_held_to_no_other_rules_meanwhile(world):
    entry = world.draft()
    MediaAsset.objects.update(state="processing")
    other = SectionFactory(edition=world.edition, max_mb=7)
    with pytest.raises(EntryRefused):
        change_section(entry=entry, section=other, user=world.entrant)
    entry.refresh_from_db()
    assert entry.section == world.section


def test_the_cover_is_the_first_frame_until_another_is_chosen(world, series):
    entry = named(world, "1.jpg", "2.jpg", "3.jpg", section=series)
    first, second, third = entry.frames.all()
    assert entry.cover == first
    for frame in (second, third):
        choose_cover(frame=frame, user=world.entrant)
        assert Entry.objects.get().cover == frame
    assert entry.frames.filter(is_cover=True).count() == 1
    assert world.draft(frames=False).cover is None


# --- the spreadsheet ----------------------------------------------------------------------


def test_a_row_is_filled_in_when_its_file_is_here_and_waits_when_not(world):
    begin(world, "a.jpg")
    keep(world, ["A.JPEG", "晨光", "张三", "", "2026-05-01"], ["b.jpg", "集市", "", "", ""])
    work = Entry.objects.get()
    assert (work.title, work.author_names, work.taken_on) == ("晨光", "张三", date(2026, 5, 1))
    assert [one.missing for one in grid(world).awaited] == [["b.jpg"]]
    begin(world, "B.jpg")
    assert {work.title for work in Entry.objects.all()} == {"晨光", "集市"}
    assert grid(world).awaited == []


def test_what_was_typed_is_kept_and_the_row_tells_it(world):
    named(world, "a.jpg", title="我打的", place="")
    keep(world, ["a.jpg", "表里的", "", "", ""])
    assert Entry.objects.get().title == "我打的"
    (row,) = grid(world).rows
    assert len(row.notes) == 1
    assert "表里的" in row.notes[0]


def test_a_row_whose_section_does_not_fit_tells_it_and_the_file_is_taken(world, films):
    keep(world, ["a.jpg", "晨光", "", "微视频", ""])
    (begun,) = begin(world, "a.jpg")
    assert begun.messages == []
    assert Entry.objects.get().section == world.section
    assert "微视频" in grid(world).awaited[0].notes[0]


@pytest.mark.parametrize("sheet_first", [True, False])
def test_a_row_with_several_files_is_one_series_in_its_order(world, series, sheet_first):
    row = ["3.jpg;1.jpg;2.jpg;4.jpg", "船坞", "李四", "组照", ""]
    if sheet_first:
        keep(world, row)
        begin(world, "1.jpg", "2.jpg")
        assert grid(world).awaited[0].missing == ["3.jpg", "4.jpg"]
        begin(world, "4.jpg", "3.jpg")
    else:
        begin(world, "1.jpg", "2.jpg", "4.jpg")
        keep(world, row)
        begin(world, "3.jpg")
    work = Entry.objects.get()
    assert (work.title, work.section) == ("船坞", series)
    names = work.frames.values_list("asset__original_name", flat=True)
    assert list(names) == ["3.jpg", "1.jpg", "2.jpg", "4.jpg"]


def test_a_new_sheet_takes_the_place_of_the_old_one(world):
    keep(world, ["a.jpg", "一", "", "", ""])
    keep(world, ["b.jpg", "二", "", "", ""])
    assert [row.files for row in SheetRow.objects.all()] == [["b.jpg"]]


def test_a_sheet_without_our_headings_changes_nothing(world):
    keep(world, ["a.jpg", "一", "", "", ""])
    with pytest.raises(EntryRefused):
        keep_sheet(
            edition=world.edition,
            organisation=world.company,
            user=world.entrant,
            table=[["姓名"], ["张三"]],
        )
    assert SheetRow.objects.count() == 1


# --- submitting ---------------------------------------------------------------------------


def test_good_ones_go_up_to_the_limit_and_the_rest_stay_drafts(world):
    world.section.entries_per_organisation = 2
    world.section.save()
    works = [world.draft() for _ in range(3)]
    (limit,) = grid(world).limits
    assert (limit.left, limit.ready, limit.is_short) == (2, 3, True)
    outcomes = submit_works(entries=works, user=world.entrant, accepts_rights=True)
    assert [len(one.messages) for one in outcomes] == [0, 0, 1]
    assert [entry.state for entry in Entry.objects.order_by("pk")] == [
        "submitted",
        "submitted",
        "draft",
    ]
    (limit,) = grid(world).limits
    assert (limit.left, limit.drafts) == (0, 1)


def test_a_row_says_what_is_wrong_and_what_is_only_on_its_way(world):
    ready, empty = world.draft(), world.draft(frames=False)
    coming = world.draft(frames=False)
    FrameFactory(entry=coming, asset=AssetFactory(state="received"))
    found = {row.entry.pk: row for row in grid(world).rows}
    assert (found[ready.pk].is_ready, found[ready.pk].problems) == (True, [])
    assert (found[empty.pk].is_ready, len(found[empty.pk].problems)) == (False, 1)
    assert (found[coming.pk].is_ready, found[coming.pk].is_waiting) == (False, True)


def test_a_foreign_desk_shows_nothing_of_mine(world):
    world.draft()
    other = World()
    assert read_grid(world.edition, other.company).rows == []
