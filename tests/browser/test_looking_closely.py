"""A judge looks closely: zoom and pan, later, flags; and nothing on the way tells whose it is."""

import hashlib
import re
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image, ImageOps
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from competition.judging.flags import Flag
from competition.judging.models import Assignment
from competition.judging.services import add_judge
from media_processing.models import Derivative
from media_processing.storage import derivatives
from tests import factories
from tests.browser.chromium import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

SECRETS = {
    "author": "欧阳若兰",
    "organisation": "晨曦重工集团",
    "file name": "IMG_4711_ouyang.jpg",
    "camera": "NIKON Z9",
    "place": "江州船厂",
    "credit": "© 欧阳",
    "number": "P-004711",
}


def put_file(derivative: Derivative) -> None:
    """Give it a file of its own: no two works share an address."""
    content = BytesIO()
    shades = Image.radial_gradient("L").resize((derivative.width, derivative.height))
    light = f"#{derivative.asset_id.hex[:6]}"
    ImageOps.colorize(shades, light, "black").save(content, "WEBP", quality=30)
    digest = hashlib.sha256(content.getvalue()).hexdigest()
    file = ContentFile(content.getvalue())
    derivative.file = derivatives().save(f"{digest[:2]}/{digest}.webp", file)
    derivative.save()


def address_of(position: int, *, width: int, frame: int = 1) -> str:
    entry = Assignment.objects.get(position=position).entry
    asset = entry.frames.get(position=frame).asset
    return asset.derivatives.get(role="picture", width=width).file.url


def picture(**fields):
    asset = factories.AssetFactory(
        derivatives=False, original_name=SECRETS["file name"], camera=SECRETS["camera"], **fields
    )
    for width in (640, 1280, 2560):
        put_file(
            factories.DerivativeFactory(
                asset=asset, name=f"picture-{width}-webp", width=width, height=width * 2 // 3
            )
        )
    return asset


def prepare():
    """Give a judge a photo, a series of three and a video; return the addresses in order."""
    edition = factories.EditionFactory()
    factories.open_phase(edition, "judging")
    for code, title in {"theme": "主题性", "artistry": "艺术性", "story": "故事性"}.items():
        factories.CriterionFactory(edition=edition, code=code, title=title)
    round = factories.RoundFactory(edition=edition)
    judge = add_judge(panel=factories.PanelFactory(edition=edition), user=factories.UserFactory())
    company = factories.CompanyFactory(name=SECRETS["organisation"])
    addresses = []
    for position, (kind, frames) in enumerate(
        [("single_photo", 1), ("photo_series", 3), ("micro_video", 1)], start=1
    ):
        entry = factories.EntryFactory(
            section=factories.SectionFactory(edition=edition, kind=kind),
            state="admitted",
            organisation=company,
            author_names=SECRETS["author"],
            place=SECRETS["place"],
            credit_line=SECRETS["credit"],
            number=f"{SECRETS['number']}{position}",
            title="黎明的船坞",
            story="天还没亮，焊花已经亮了。",
            frames=False,
        )
        for number in range(1, frames + 1):
            asset = picture(kind="video", seconds=90) if kind == "micro_video" else picture()
            if kind == "micro_video":
                put_file(
                    factories.DerivativeFactory(
                        asset=asset,
                        role="video",
                        name="video-720",
                        mime_type="video/mp4",
                        width=1280,
                        height=720,
                    )
                )
            factories.FrameFactory(entry=entry, asset=asset, position=number)
        assignment = factories.AssignmentFactory(
            round=round, judge=judge, entry=entry, position=position
        )
        addresses.append(reverse("judging-work", args=[assignment.pk]))
    return judge, addresses


@pytest.fixture
def room(page, sign_in):
    judge, addresses = prepare()
    sign_in(page, judge.user)
    return addresses


def press(page: BrowserPage, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def shown(page: BrowserPage):
    return page.locator(".room__where b")


def box(page: BrowserPage) -> dict[str, float]:
    return page.locator(".loupe img").bounding_box()


def test_a_picture_is_zoomed_to_its_own_pixels_and_moved_by_keys(page, room):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(room[0])
    expect(page.locator(".stage .picture img")).to_have_js_property("complete", True)
    full = address_of(1, width=2560)
    assert not any(full in address for address in asked)
    press(page, "i")
    large = page.locator(".loupe img")
    expect(large).to_have_attribute("src", re.compile(re.escape(full)))
    expect(page.locator("[data-zoom]")).to_have_attribute("aria-pressed", "true")
    before = box(page)
    assert round(before["width"]) == 2560
    press(page, "ArrowRight", "ArrowDown")
    after = box(page)
    assert (after["x"], after["y"]) == (before["x"] - 120, before["y"] - 120)
    expect(shown(page)).to_have_text("1")
    press(page, "+")
    assert round(box(page)["width"]) == 3840
    press(page, "Escape")
    expect(page.locator(".loupe")).to_have_count(0)
    press(page, "ArrowRight")
    expect(shown(page)).to_have_text("2")


def test_a_picture_is_zoomed_by_mouse_and_dragged(page, room):
    page.goto(room[0])
    page.locator(".stage .picture img").dblclick()
    before = box(page)
    assert round(before["width"]) == 2560
    page.mouse.move(500, 400)
    page.mouse.down()
    page.mouse.move(450, 370, steps=4)
    page.mouse.up()
    after = box(page)
    assert (after["x"], after["y"]) == (before["x"] - 50, before["y"] - 30)
    page.mouse.wheel(0, -200)
    expect(page.locator(".loupe img")).not_to_have_css("width", "2560px")
    for _ in range(12):
        page.mouse.wheel(0, 300)
    expect(page.locator(".loupe")).to_have_count(0)


def test_the_picture_of_a_series_that_is_shown_is_the_one_that_is_zoomed(page, room):
    page.goto(room[1])
    press(page, "PageDown")
    expect(page.locator(".filmstrip a").nth(1)).to_have_attribute("aria-current", "true")
    second = address_of(2, width=2560, frame=2)
    press(page, "i")
    expect(page.locator(".loupe img")).to_have_attribute("src", re.compile(re.escape(second)))


@pytest.fixture
def phone_room(open_context, sign_in):
    """A judge's phone with the first work on it."""
    judge, addresses = prepare()
    phone = open_context(PHONE, has_touch=True, is_mobile=True, device_scale_factor=2).new_page()
    sign_in(phone, judge.user)
    phone.goto(addresses[0])
    return phone


def middle_of(page: BrowserPage) -> tuple[float, float]:
    stood = page.locator(".stage .picture img").bounding_box()
    return stood["x"] + stood["width"] / 2, stood["y"] + stood["height"] / 2


def test_a_phone_zooms_by_two_taps(phone_room):
    x, y = middle_of(phone_room)
    phone_room.touchscreen.tap(x, y)
    phone_room.touchscreen.tap(x, y)
    expect(phone_room.locator(".loupe")).to_have_count(1)
    assert round(box(phone_room)["width"]) == 1280  # 2560 pixels of two a CSS pixel


def test_two_fingers_enlarge_what_is_between_them_and_bring_it_back(phone_room):
    fingers = phone_room.context.new_cdp_session(phone_room)
    x, y = middle_of(phone_room)
    fit = phone_room.locator(".stage .picture img").bounding_box()["width"]

    def pinch(begin: int, end: int) -> None:
        steps = [begin + (end - begin) * step / 8 for step in range(9)]
        for at, apart in enumerate(steps):
            points = [{"x": x + side * apart / 2, "y": y, "id": side + 1} for side in (-1, 1)]
            kind = "touchMove" if at else "touchStart"
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def wait_for_width(least: float, most: float) -> None:  # the browser tells moves a frame later
        width = "document.querySelector('.loupe img').getBoundingClientRect().width"
        within = f"([least, most]) => least < {width} && {width} <= most"
        phone_room.wait_for_function(within, arg=[least, most])

    pinch(80, 160)
    expect(phone_room.locator(".loupe")).to_have_count(1)
    wait_for_width(1.9 * fit, 2.1 * fit)
    enlarged = box(phone_room)
    assert enlarged["x"] < x < enlarged["x"] + enlarged["width"]
    pinch(160, 40)
    wait_for_width(0.9 * fit, 1.1 * fit)


def test_the_work_fills_the_screen_by_a_key_and_leaves_it_again(page, room):
    page.goto(room[0])
    for is_full in (True, False):
        press(page, "b")
        page.wait_for_function("full => Boolean(document.fullscreenElement) === full", arg=is_full)


def test_who_asks_for_little_gets_one_picture_of_the_next_work_ahead(page, room):
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    )
    first, last = (address_of(2, width=1280, frame=frame) for frame in (1, 3))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request(lambda request: first in request.url):
        page.goto(room[0])
    page.wait_for_load_state("networkidle")
    assert not any(last in address for address in asked)


def test_without_scripts_a_work_is_flagged_and_put_off(open_context, sign_in):
    judge, addresses = prepare()
    plain = open_context(java_script_enabled=False).new_page()
    sign_in(plain, judge.user)
    plain.goto(addresses[0])
    plain.locator("[data-flags-open]").click()
    plain.locator("[name=kind][value=theme]").check()
    plain.locator("[name=flag-note]").fill("与主题无关")
    plain.locator("[data-flags] .button--primary").click()
    expect(plain.locator("[data-flags-open]")).to_contain_text("1")
    assert [(one.kind, one.note) for one in Flag.objects.all()] == [("theme", "与主题无关")]
    plain.locator("[data-later] button").click()
    assert Assignment.objects.get(position=1).set_aside_at is not None


def test_later_by_a_key_goes_on_and_comes_again_at_the_end(page, room):
    page.goto(room[0])
    press(page, "s")
    expect(shown(page)).to_have_text("2")
    for position in ("3", "1"):
        press(page, "8", "8", "8", "Enter")
        expect(shown(page)).to_have_text(position)
    expect(page.locator("[data-later] button")).to_have_attribute("aria-pressed", "true")
    press(page, "s")
    expect(page.locator("[data-later] button")).to_have_attribute("aria-pressed", "false")
    assert Assignment.objects.filter(set_aside_at=None).count() == 3


def test_a_flag_is_raised_and_withdrawn_by_keys_alone_and_what_was_scored_stays(page, room):
    page.goto(room[0])
    press(page, "8", "g")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "ArrowDown", "ArrowDown", "Tab")
    page.keyboard.type("8 n s")
    press(page, "Tab", "Enter")
    expect(page.locator("[data-flags-open]")).to_contain_text("1")
    flag = Flag.objects.get()
    assert (flag.kind, flag.note) == ("ai", "8 n s")
    expect(shown(page)).to_have_text("1")
    expect(page.locator("input[name^=score-]:checked")).to_have_count(1)
    press(page, "g")
    page.locator("[name=withdraw]").press("Enter")
    expect(page.locator("[data-flags]")).to_be_hidden()
    expect(page.locator(".looking__deed--flagged")).to_have_count(0)
    assert not Flag.objects.exists()


def test_the_pictures_of_the_next_work_are_loaded_at_the_size_they_are_shown_at(page, room):
    last = address_of(2, width=1280, frame=3)
    with page.expect_request(lambda request: last in request.url) as ahead:
        page.goto(room[0])
    press(page, "n")
    expect(shown(page)).to_have_text("2")
    pictures = page.locator(".series .picture img")
    expect(pictures.nth(2)).to_have_js_property("currentSrc", ahead.value.url)
    expect(pictures.nth(2)).to_have_js_property("complete", True)


def test_nothing_that_a_judging_browser_gets_tells_whose_a_work_is(page, room):
    answers: dict[str, str] = {}

    def read(route):
        answer = route.fetch(max_redirects=0)
        said = f"{answer.url} {answer.headers} {answer.body().decode('utf-8', 'replace')}"
        answers[answer.url] = answers.get(answer.url, "") + said
        route.fulfill(response=answer)

    page.route("**/*", read)
    page.goto(reverse("judging"))
    page.goto(room[0])
    press(page, "i", "Escape", "s")
    expect(shown(page)).to_have_text("2")
    press(page, "PageDown", "PageDown", "g")
    page.locator("[name=kind]").first.check()
    page.locator("[data-flags] .button--primary").click()
    expect(page.locator("[data-flags-open]")).to_contain_text("1")
    press(page, "8", "8", "8", "Enter")
    expect(shown(page)).to_have_text("3")
    press(page, "7", "7", "7", "Enter")
    expect(shown(page)).to_have_text("1")
    for show in ("all", "todo", "later", "done"):
        page.goto(reverse("judging") + f"?show={show}&order=high")
    page.unroute_all(behavior="wait")
    for ending in ("/later/", "/flag/", ".webp", "show=done&order=high"):
        assert any(address.endswith(ending) for address in answers), ending
    assert all(title in "".join(answers.values()) for title in ("黎明的船坞", "焊花"))
    told = {
        (name, address)
        for address, text in answers.items()
        for name, secret in SECRETS.items()
        if secret in text
    }
    assert told == set()
