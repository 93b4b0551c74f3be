"""The works desk as a browser meets it, with and without a script."""

import io
import json
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from competition.editions.services import publish_declaration
from competition.entries.models import Entry, SheetRow
from media_processing.models import MediaAsset
from tests.competition.entries.worlds import photo
from tests.factories import AssetFactory, FrameFactory, SectionFactory

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


def address(world, name="works-desk"):
    return reverse(name, args=[world.company.pk, world.edition.slug])


def post_json(client, url, value):
    return client.post(url, json.dumps(value), content_type="application/json", **JSON)


def save(client, entry, **changes):
    pairs = {name: {"was": was, "now": now} for name, (was, now) in changes.items()}
    return post_json(client, reverse("works-desk-row", args=[entry.pk]), {"changes": pairs})


@pytest.mark.parametrize("name", ["works-desk", "works-desk-rows", "works-desk-status"])
def test_the_desk_costs_the_same_queries_with_one_row_and_with_three(entrant, world, name):
    costs = []
    for more in (1, 2):
        for _ in range(more):
            work = world.draft()
            SheetRow.objects.create(
                edition=world.edition, organisation=world.company, number=work.pk, entry=work
            )
        keys = Entry.objects.values_list("pk", flat=True)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = entrant.get(address(world, name), {"pk": list(keys)})
        assert answer.status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_my_page_leads_to_the_desk(entrant, world):
    assert address(world) in entrant.get(reverse("my")).content.decode()


def test_the_script_announces_files_and_gets_their_addresses(entrant, world):
    asked = {"files": [{"name": "a.jpg", "size": 4}, {"name": "b.txt", "size": 4}]}
    answer = post_json(entrant, address(world, "works-desk-files"), asked)
    asset = MediaAsset.objects.get()
    good, bad = answer.json()["files"]
    assert good == {
        "work": Entry.objects.get().pk,
        "upload": reverse("media-upload", args=[asset.pk]),
    }
    assert len(bad["messages"]) == 1


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"files": []},
        {"files": [{"name": "a.jpg"}]},
        {"files": "x"},
        {"files": [{"name": "a.jpg", "size": -1}]},
        [],
        {"files": [{}] * 201},
    ],
)
def test_what_is_no_announcement_is_a_bad_request(entrant, world, asked):
    assert post_json(entrant, address(world, "works-desk-files"), asked).status_code == 400


def test_without_a_script_the_form_brings_the_files_themselves(entrant, world):
    data = {"files": [photo("晨光.jpg"), photo("b.txt")], "sections": world.section.pk}
    answer = entrant.post(address(world, "works-desk-files"), data, follow=True)
    work = Entry.objects.get()
    assert (work.title, work.frames.get().asset.state) == ("晨光", "received")
    assert "b.txt" in answer.content.decode()


# --- a row --------------------------------------------------------------------------------


def test_a_row_saves_what_is_right_and_tells_the_rest(entrant, world):
    entry = world.draft(title="旧", place="")
    answer = save(entrant, entry, title=("旧", ""), place=("", "宁波"), taken_on=("", "五月"))
    said = answer.json()
    assert answer.status_code == 200
    assert (said["saved"], sorted(said["refused"]), said["theirs"]) == (
        ["place"],
        ["taken_on", "title"],
        {},
    )
    entry.refresh_from_db()
    assert (entry.title, entry.place) == ("旧", "宁波")


def test_a_stale_change_is_answered_with_409_and_both_stay(entrant, world):
    entry = world.draft(title="她的")
    answer = save(entrant, entry, title=("旧", "我的"))
    assert (answer.status_code, answer.json()["theirs"]) == (409, {"title": "她的"})
    entry.refresh_from_db()
    assert entry.title == "她的"


def test_a_row_is_told_when_it_comes_too_late(entrant, world):
    entry = world.draft(title="旧")
    world.edition.phases.update(closes_at=timezone.now())
    answer = save(entrant, entry, title=("旧", "新"))
    assert (answer.status_code, len(answer.json()["messages"])) == (422, 1)


@pytest.mark.parametrize("changes", [None, {"state": {"was": "", "now": "admitted"}}, {"title": 1}])
def test_what_is_no_change_is_a_bad_request(entrant, world, changes):
    url = reverse("works-desk-row", args=[world.draft().pk])
    assert post_json(entrant, url, {"changes": changes}).status_code == 400


def test_without_a_script_a_row_is_saved_by_its_button(entrant, world):
    other = SectionFactory(edition=world.edition)
    entry = world.draft()
    data = {"title": "新", "author_names": "张三", "section": other.pk, "do": "save"}
    answer = entrant.post(reverse("works-desk-row", args=[entry.pk]), data)
    assert answer.headers["Location"] == f"{address(world)}?at={entry.pk}#work-{entry.pk}"
    entry.refresh_from_db()
    assert (entry.title, entry.section) == ("新", other)


def test_a_rows_buttons_order_choose_the_cover_and_delete(entrant, world):
    series = SectionFactory(edition=world.edition, kind="photo_series", max_frames=8)
    entry = world.draft(section=series, frames=False)
    one, two = [FrameFactory(entry=entry, position=n) for n in (1, 2)]
    url = reverse("works-desk-row", args=[entry.pk])
    entrant.post(url, {"do": "order", "frame": [two.pk, one.pk]}, **JSON)
    assert list(entry.frames.all()) == [two, one]
    entrant.post(url, {"do": f"cover-{one.pk}"}, **JSON)
    assert Entry.objects.get().cover == one
    entrant.post(url, {"do": "split"}, **JSON)
    assert Entry.objects.count() == 2
    entrant.post(url, {"do": "delete"}, **JSON)
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("do", ["order", "section", "split", "cover-x", "up-0", "dance"])
def test_a_button_that_asks_for_nonsense_does_no_harm(entrant, world, do):
    entry = world.draft()
    answer = entrant.post(reverse("works-desk-row", args=[entry.pk]), {"do": do, "frame": "x"})
    assert answer.status_code in (302, 404)
    assert entry.frames.count() == 1


# --- all together -------------------------------------------------------------------------

ACCEPTED = {"do": "submit", "accepts_rights": "yes", "declaration": "1"}


def test_a_declaration_that_changed_meanwhile_is_not_taken_for_accepted(entrant, world):
    entry = world.draft()
    publish_declaration(edition=world.edition, text="新的声明。", actor=world.organiser)
    told = entrant.post(address(world, "works-desk-submit"), ACCEPTED, **JSON).json()["told"]
    assert [one["level"] for one in told] == ["error"]
    assert "版权声明有更新" in told[0]["text"]
    entry.refresh_from_db()
    assert entry.state == "draft"


def test_a_work_that_declares_nothing_is_not_ready_and_its_row_says_what_is_missing(entrant, world):
    world.draft(ai_use="", portraits="")
    page = entrant.get(address(world, "works-desk"))
    assert page.context["grid"].ready == []
    assert "请说明作品是否使用了人工智能" in page.text


def test_what_is_said_for_all_leaves_alone_what_a_work_says_itself(entrant, world):
    silent = world.draft(ai_use="", portraits="")
    told = world.draft(ai_use="assisted", ai_note="降噪", portraits="consented")
    entrant.post(
        address(world, "works-desk-submit"),
        {"do": "declare", "all_ai_use": "none", "all_portraits": "none"},
    )
    for entry, said in [(silent, ("none", "none")), (told, ("assisted", "consented"))]:
        entry.refresh_from_db()
        assert (entry.ai_use, entry.portraits) == said


def test_nonsense_is_said_of_no_work(entrant, world):
    silent = world.draft(ai_use="", portraits="")
    data = {"do": "declare", "all_ai_use": "x" * 300}
    assert entrant.post(address(world, "works-desk-submit"), data).status_code == 400
    silent.refresh_from_db()
    assert silent.ai_use == ""


def test_one_button_submits_what_is_ready_and_says_why_the_rest_is_not(entrant, world):
    ready = world.draft()
    world.draft(frames=False, title="没有文件")
    without = entrant.post(address(world, "works-desk-submit"), {"do": "submit"}, **JSON).json()
    assert [one["level"] for one in without["told"]] == ["error"]
    told = entrant.post(address(world, "works-desk-submit"), ACCEPTED, **JSON).json()["told"]
    assert [one["level"] for one in told] == ["success"]
    ready.refresh_from_db()
    assert ready.state == "submitted"
    assert Entry.objects.filter(state="draft").count() == 1


def test_what_is_on_its_way_is_submitted_later_only_when_that_is_ticked(entrant, world):
    entry = world.draft(frames=False)
    FrameFactory(entry=entry, asset=AssetFactory(state="received"))
    url, data = address(world, "works-desk-submit"), ACCEPTED
    assert entrant.post(url, data, **JSON).json()["told"][0]["level"] == "warning"
    assert (
        entrant.post(url, data | {"later": "yes"}, **JSON).json()["told"][0]["level"] == "success"
    )
    entry.refresh_from_db()
    assert (entry.state, entry.submit_when_ready) == ("draft", True)


def test_ticked_rows_become_a_series(entrant, world):
    series = SectionFactory(edition=world.edition, kind="photo_series", max_frames=8)
    works = [world.draft() for _ in range(3)]
    data = {"do": "join", "series": series.pk, "works": [works[0].pk, works[2].pk]}
    entrant.post(address(world, "works-desk-submit"), data)
    assert {(work.pk, work.frames.count()) for work in Entry.objects.all()} == {
        (works[0].pk, 2),
        (works[1].pk, 1),
    }


def test_the_files_dates_are_offered_and_never_written(entrant, world):
    entry = world.draft(frames=False)
    taken = timezone.now() - timedelta(days=3)
    FrameFactory(entry=entry, asset=AssetFactory(taken_at=taken, latitude=29.9, longitude=121.5))
    html = entrant.get(address(world)).content.decode()
    day = timezone.localdate(taken).isoformat()
    assert f'data-fill="work-{entry.pk}-taken_on" data-value="{day}"' in html
    assert f'data-fill="work-{entry.pk}-place"' in html
    entry.refresh_from_db()
    assert (entry.taken_on, entry.place) == (None, "")


# --- the spreadsheet ----------------------------------------------------------------------


def test_the_template_comes_back_filled_in(entrant, world):
    SectionFactory(edition=world.edition, title="=HYPERLINK(1)")
    answer = entrant.get(address(world, "works-desk-template"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    works, limits = book.worksheets
    assert limits["A3"].value == "=HYPERLINK(1)"
    assert limits["A3"].data_type == "s"
    assert works.data_validations.dataValidation[0].sqref.ranges
    works["A3"], works["C3"] = "a.jpg", "晨光"
    buffer = io.BytesIO()
    book.save(buffer)
    begin = {"files": [{"name": "A.JPG", "size": 4}]}
    post_json(entrant, address(world, "works-desk-files"), begin)
    sheet = SimpleUploadedFile("表.xlsx", buffer.getvalue())
    told = entrant.post(address(world, "works-desk-sheet"), {"sheet": sheet}, **JSON).json()["told"]
    assert [one["level"] for one in told] == ["success"]
    assert Entry.objects.get().title == "晨光"


@pytest.mark.parametrize("content", [b"PK", b"\xd0\xcf\x11\xe0", b"name,title\n", b"a\x00"])
def test_a_spreadsheet_that_cannot_be_used_is_told(entrant, world, content):
    sheet = SimpleUploadedFile("a.csv", content)
    told = entrant.post(address(world, "works-desk-sheet"), {"sheet": sheet}, **JSON).json()["told"]
    assert [one["level"] for one in told] == ["error"]
    assert not SheetRow.objects.exists()


# --- a long desk ----------------------------------------------------------------------------


@pytest.fixture
def _short_pages(monkeypatch):
    monkeypatch.setattr("competition.entries.views.desk.ROWS_A_PAGE", 2)


def shown(page):
    return [row.entry.title for row in page.context["rows"]]


@pytest.mark.usefixtures("_short_pages")
def test_a_long_desk_has_pages_and_counts_all_of_its_works(entrant, world):
    for n in range(4):
        world.draft(title=str(n))
    last = world.draft(title="4", ai_use="")
    url = address(world, "works-desk")
    first = entrant.get(url)
    assert (shown(first), first.context["ends_here"]) == (["0", "1"], False)
    third = entrant.get(url, {"page": 3})
    assert (shown(third), third.context["ends_here"]) == (["4"], True)
    assert shown(entrant.get(url, {"at": last.pk})) == ["4"]
    assert shown(entrant.get(url, {"at": last.pk, "page": 1})) == ["0", "1"]
    assert len(first.context["grid"].ready) == 4
    missing = entrant.get(url, {"show": "incomplete"})
    assert (shown(missing), missing.context["ends_here"]) == (["4"], False)
    assert shown(entrant.get(url, {"show": "ready", "page": 2})) == ["2", "3"]


@pytest.mark.usefixtures("_short_pages")
def test_what_is_ready_is_submitted_on_whatever_page_it_stands(entrant, world):
    for _ in range(5):
        world.draft()
    entrant.post(address(world, "works-desk-submit"), ACCEPTED)
    assert set(Entry.objects.values_list("state", flat=True)) == {"submitted"}


@pytest.mark.usefixtures("_short_pages")
def test_without_a_script_a_button_leads_back_to_the_rows_page(entrant, world):
    drafts = [world.draft() for _ in range(3)]
    url = reverse("works-desk-row", args=[drafts[2].pk])
    answer = entrant.post(url, {"do": "order"}, follow=True)
    assert [row.entry for row in answer.context["rows"]] == [drafts[2]]
