"""The works desk as an association meets it an hour before the deadline: everything at once."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from competition.entries.models import Entry
from tests import factories
from tests.media_processing.makers import encoded, make_clip
from tests.media_processing.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def member():
    return factories.MembershipFactory()


@pytest.fixture
def edition():
    edition = factories.EditionFactory()
    limits = {"edition": edition, "min_long_side": 300}
    factories.SectionFactory(kind="single_photo", title="单幅", title_en="Single", **limits)
    factories.SectionFactory(
        kind="photo_series", title="组照", title_en="Series", min_frames=4, max_frames=8, **limits
    )
    factories.SectionFactory(
        kind="micro_video", title="微视频", title_en="Video", edition=edition, max_seconds=60
    )
    factories.open_phase(edition, "call")
    return edition


def desk(member, edition):
    return reverse("works-desk", args=[member.organisation_id, edition.slug])


def photos(folder, names, size=(400, 300), green=90):
    paths = []
    for number, name in enumerate(names):
        colour = (40 * number % 255, green, 255 - 30 * number % 255)
        path = folder / name
        path.write_bytes(encoded(Image.new("RGB", size, colour), "JPEG"))
        paths.append(path)
    return paths


def spreadsheet(folder, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    path = folder / "作品表.xlsx"
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def draft(member, edition, draw):
    def make(names=("a.jpg",), **fields):
        section = edition.sections.get(kind="photo_series" if len(names) > 1 else "single_photo")
        own = {"organisation": member.organisation, "created_by": member.user}
        entry = factories.EntryFactory(section=section, frames=False, **own, **fields)
        for position, name in enumerate(names, start=1):
            asset = factories.AssetFactory(original_name=name)
            factories.FrameFactory(entry=entry, asset=asset, position=position)
        draw()
        return entry

    return make


def test_what_is_typed_while_the_line_is_away_is_kept_and_sent_when_it_is_back(
    page, sign_in, member, edition, draft
):
    entry = draft(title="旧")
    row_url = f"**{reverse('works-desk-row', args=[entry.pk])}"
    sign_in(page, member.user)
    page.goto(desk(member, edition))
    # Answered as if nobody were there; a request broken off would be an error on the console.
    page.route(
        row_url, lambda route: route.fulfill(status=302, headers={"Location": "/robots.txt"})
    )
    page.fill("[name=title]", "离线写的")
    expect(page.locator("[data-saved-note]")).to_have_attribute("data-saved", "kept")
    entry.refresh_from_db()
    assert entry.title == "旧"
    page.unroute(row_url)
    page.reload()
    expect(page.locator("[name=title]")).to_have_value("离线写的")
    expect(page.locator("[data-saved-note]")).to_have_attribute("data-saved", "saved")
    entry.refresh_from_db()
    assert entry.title == "离线写的"
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('desk'))") == []


def test_what_is_invalid_stays_in_its_field_and_the_rest_is_saved(
    page, sign_in, member, edition, draft
):
    draft(title="旧", place="")
    sign_in(page, member.user)
    page.goto(desk(member, edition))
    page.fill("[name=title]", "")
    page.fill("[name=place]", "宁波")
    expect(page.locator("[data-error=title]")).not_to_be_empty()
    page.reload()
    expect(page.locator("[name=title]")).to_have_value("")
    expect(page.locator("[name=place]")).to_have_value("宁波")
    wait_for(lambda: Entry.objects.get().place == "宁波")
    assert Entry.objects.get().title == "旧"


def test_a_series_is_put_in_order_by_keyboard_and_by_dragging_and_gets_its_cover(
    page, sign_in, member, edition, draft
):
    entry = draft(names=["1.jpg", "2.jpg", "3.jpg", "4.jpg"])
    sign_in(page, member.user)
    page.goto(desk(member, edition))

    def names():
        return list(entry.frames.values_list("asset__original_name", flat=True))

    frames = page.locator("[data-frame]")
    frames.nth(0).locator("button[value^=down]").press("Enter")
    expect(page.locator("[data-say]")).not_to_be_empty()
    expect(frames.nth(1)).to_contain_text("1.jpg")
    assert names() == ["2.jpg", "1.jpg", "3.jpg", "4.jpg"]
    assert page.evaluate("document.activeElement.value").startswith("down-"), "the focus stays"
    with page.expect_response("**/row/"):
        frames.nth(3).drag_to(frames.nth(0))
    expect(frames.nth(0)).to_contain_text("4.jpg")
    assert names() == ["4.jpg", "2.jpg", "1.jpg", "3.jpg"]
    page.locator("button[value^=cover]").nth(2).click()
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    expect(frames.nth(2).locator("[aria-pressed=true]")).to_be_visible()
    assert entry.cover.asset.original_name == "1.jpg"


def test_photos_are_joined_into_a_series_and_what_was_typed_goes_along(
    page, sign_in, member, edition, draft
):
    for number in range(4):
        draft(names=[f"{number}.jpg"], title=f"题{number}")
    sign_in(page, member.user)
    page.goto(desk(member, edition))
    page.locator("[data-row]").first.locator("[name=title]").fill("船坞")
    for box in page.locator("[name=works]").all():
        box.check()
    page.click("button[value=join]")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-frame]")).to_have_count(4)
    assert Entry.objects.get().title == "船坞"


def test_the_deadline_is_the_servers_and_another_time_zone_is_told_besides(
    open_context, sign_in, member, edition
):
    call = edition.phases.get()
    call.closes_at = timezone.now() + timedelta(hours=2, minutes=30)
    call.save()
    for zone, is_told in [("Europe/Madrid", True), ("Asia/Shanghai", False)]:
        page = open_context(timezone_id=zone).new_page()
        page.clock.install(time=timezone.now() + timedelta(days=3))  # this computer's is wrong
        sign_in(page, member.user)
        page.goto(desk(member, edition))
        deadline = page.locator(".deadline")
        local = timezone.localtime(call.closes_at)
        expect(deadline).to_contain_text(f"{local:%Y-%m-%d %H:%M}")
        expect(page.locator("[data-deadline]")).to_contain_text("2 ")
        assert deadline.locator("span").count() == (2 if is_told else 1)


def test_sixty_files_and_a_spreadsheet_go_in_from_one_page_in_one_go(
    page, sign_in, run_worker, member, edition, tmp_path
):
    singles = photos(tmp_path, [f"单{n:02d}.jpg" for n in range(1, 51)])
    series = photos(tmp_path, [f"组{n}.jpg" for n in range(1, 6)], green=200)
    films = [make_clip(tmp_path / f"片{n}.mp4", size="320x180", seconds=n) for n in (1, 2)]
    small = photos(tmp_path, ["太小.jpg"], size=(200, 100))[0]
    text, empty = tmp_path / "说明.txt", tmp_path / "空.jpg"
    text.write_text("这不是照片")
    empty.touch()
    sheet = spreadsheet(
        tmp_path,
        [
            ["文件名", "作品标题", "作者", "参赛单元", "拍摄日期"],
            ["单01.JPG", "晨光", "张三", "单幅", "2026年5月1日"],
            ["组5;组4.jpg;组3.jpg;组2.jpg;组1.jpg", "船坞五章", "李四", "组照", ""],
            ["片1", "潮", "王五", "微视频", "不记得"],
        ],
    )
    files = [*singles, small, *series, text, *films, empty, sheet]
    assert len(files) == 60 + 1

    sign_in(page, member.user)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(desk(member, edition))
    page.set_input_files("#desk-files", files)
    expect(page.locator("[data-refused-list] li")).to_have_count(3)
    expect(page.locator("[data-row]").first).to_be_visible()

    # Half way: a title is typed and the page reloaded before it can have been saved.
    third = page.locator("[data-row]").nth(2)
    third.locator("[name=title]").fill("打到一半")
    page.reload()
    expect(page.locator("[data-row]").nth(2).locator("[name=title]")).to_have_value("打到一半")
    page.set_input_files("#desk-files", [*singles, *series, *films])
    expect(page.locator("[data-row]")).to_have_count(53, timeout=120_000)
    expect(page.locator("[data-state=uploading]")).to_have_count(0, timeout=120_000)
    expect(page.locator("[data-overall]")).to_be_hidden()
    page.select_option("[name=all_ai_use]", "none")
    page.select_option("[name=all_portraits]", "consented")
    page.click("button[value=declare]")
    expect(page.locator("[data-row]").first.locator("[name=portraits]")).to_have_value("consented")
    run_worker()
    expect(page.locator(".badge--ready")).to_have_count(53)

    works = {work.title: work for work in Entry.objects.all()}
    assert len(works) == 53, "nothing was made twice"
    assert "打到一半" in works
    assert (works["晨光"].author_names, str(works["晨光"].taken_on)) == ("张三", "2026-05-01")
    names = works["船坞五章"].frames.values_list("asset__original_name", flat=True)
    assert list(names) == [f"组{n}.jpg" for n in (5, 4, 3, 2, 1)]
    expect(page.get_by_text("不记得")).to_be_visible()

    page.check("#accepts-rights")
    page.click("button[value=submit]")
    expect(page.locator("[data-row]")).to_have_count(0)
    assert Entry.objects.filter(state="submitted").count() == 53


def test_on_the_first_page_of_a_long_desk_the_work_begun_there_appears_and_no_other(
    page, sign_in, member, edition, tmp_path
):
    section = edition.sections.get(kind="single_photo")
    own = {"organisation": member.organisation, "created_by": member.user}
    factories.EntryFactory.create_batch(101, section=section, frames=False, **own)
    sign_in(page, member.user)
    page.goto(desk(member, edition))
    expect(page.locator("[data-row]")).to_have_count(100)
    page.set_input_files("#desk-files", photos(tmp_path, ["新来的.jpg"]))
    expect(page.locator("[data-row]")).to_have_count(101)
    expect(page.locator("[data-row]").last).to_contain_text("新来的.jpg")
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.locator("[data-row]")).to_have_count(2)
