"""A film in a real Chromium: by its plain files, by HLS, by keys and by its scenes."""

import time
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from competition.judging.services import add_judge
from media_processing.caption_tracks import attach_captions
from media_processing.models import MediaAsset
from tests import factories
from tests.media_processing.arrivals import receive_upload
from tests.media_processing.makers import VIDEO_RULES, ffmpeg

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media]

WEBVTT = "WEBVTT\n\n00:00:00.000 --> 00:00:09.000\n你好\n"


@pytest.fixture
def film(tmp_path, run_worker) -> MediaAsset:
    """Ten seconds in two rungs, with sound and subtitles."""
    path = tmp_path / "film.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=10:duration=10"),
        *("-f", "lavfi", "-i", "sine=duration=10", "-c:v", "libx264", "-preset", "veryfast"),
        *("-crf", "35", "-g", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", path),
    )
    with path.open("rb") as file:
        asset = receive_upload(file, "film.mp4", VIDEO_RULES)
    run_worker()
    asset.refresh_from_db()
    assert asset.state == "ready"
    words = path.with_suffix(".vtt")
    words.write_text(WEBVTT)
    with words.open("rb") as file:
        attach_captions(asset=asset, language="zh-hans", file=file, user=None)
    return asset


@pytest.fixture
def entry(film):
    """A draft whose video it is."""
    section = factories.SectionFactory(kind="micro_video")
    factories.open_phase(section.edition, "call")
    entry = factories.EntryFactory(section=section, frames=False)
    factories.FrameFactory(entry=entry, asset=film)
    return entry


@pytest.fixture
def preview(page, sign_in, entry) -> BrowserPage:
    """The entrant's own look at the work."""
    sign_in(page, factories.MembershipFactory(organisation=entry.organisation).user)
    page.goto(reverse("entry-detail", args=[entry.pk]))
    return page


def video(page: BrowserPage, expression: str) -> Any:
    """What the expression says of the video, called `v`."""
    find = "const v = document.querySelector('video')"
    return page.evaluate(f"(() => {{ {find}; return {expression} }})()")


def wait_for(page: BrowserPage, condition: str) -> None:
    """Wait until the video is as told. (Playwright's own waiting needs a forbidden eval.)"""
    deadline = time.monotonic() + 60
    while not video(page, condition):
        assert time.monotonic() < deadline, (condition, video(page, "v.currentTime"))
        page.wait_for_timeout(50)


def play(page: BrowserPage) -> None:
    video(page, "(v.muted = true, v.play(), null)")


def test_without_the_script_the_plain_file_plays_and_is_sought(open_context, sign_in, entry):
    page = open_context(java_script_enabled=False).new_page()
    sign_in(page, factories.MembershipFactory(organisation=entry.organisation).user)
    page.goto(reverse("entry-detail", args=[entry.pk]))
    wait_for(page, "v.readyState >= 1")
    assert video(page, "v.duration") == pytest.approx(10, abs=0.1)
    assert video(page, "v.currentSrc").endswith(".mp4")
    video(page, "v.currentTime = 7")
    play(page)
    wait_for(page, "v.currentTime > 7.3 && !v.seeking")
    assert page.locator(".player__bar").count() == 0


def test_the_first_play_brings_adaptive_quality(preview):
    ranges = []
    preview.on(
        "response",
        lambda answer: answer.url.endswith(".mp4") and ranges.append(answer.status),
    )
    play(preview)
    expect(preview.locator("[data-player][data-adaptive='hls.js']")).to_be_visible()
    wait_for(preview, "v.currentSrc.startsWith('blob:') && v.currentTime > 0.5")
    assert video(preview, "v.duration") == pytest.approx(10, abs=0.1)
    assert set(ranges) <= {200, 206}
    video(preview, "v.currentTime = 8")
    wait_for(preview, "v.currentTime > 8.2 && v.readyState >= 3")


def test_without_the_playlist_the_plain_file_goes_on(window, sign_in, entry):
    window.route("**/*.m3u8", lambda one: one.abort())
    sign_in(window, factories.MembershipFactory(organisation=entry.organisation).user)
    window.goto(reverse("entry-detail", args=[entry.pk]))
    play(window)
    expect(window.locator("[data-player][data-adaptive='hls.js']")).to_be_visible()
    wait_for(window, "v.currentSrc.endsWith('.mp4') && v.currentTime > 1 && !v.paused")


def test_keys_seek_change_speed_and_show_subtitles(preview):
    wait_for(preview, "v.readyState >= 1")
    preview.locator("video").focus()
    preview.keyboard.press("5")
    wait_for(preview, "Math.abs(v.currentTime - 5) < 0.1")
    preview.keyboard.press("j")
    wait_for(preview, "v.currentTime === 0")
    preview.keyboard.press("l")
    wait_for(preview, "v.currentTime > 9.5")
    preview.keyboard.press("m")
    wait_for(preview, "v.muted")
    preview.keyboard.press(">")
    preview.keyboard.press(">")
    wait_for(preview, "v.playbackRate === 1.5")
    expect(preview.locator("[data-speed]")).to_have_value("1.5")
    preview.keyboard.press("<")
    wait_for(preview, "v.playbackRate === 1.25")
    shown = "v.textTracks[0].mode === 'showing'"
    before = preview.evaluate(
        f"(() => {{ const v = document.querySelector('video'); return {shown}; }})()"
    )
    preview.keyboard.press("c")
    wait_for(preview, f"({shown}) !== {str(before).lower()}")
    preview.keyboard.press("0")
    preview.keyboard.press("k")
    wait_for(preview, "!v.paused")
    preview.keyboard.press("k")
    wait_for(preview, "v.paused")


def test_the_browsers_own_keys_still_work_on_the_video(preview):
    wait_for(preview, "v.readyState >= 1")
    preview.locator("video").focus()
    preview.keyboard.press("m")
    preview.keyboard.press("Space")
    wait_for(preview, "!v.paused")
    preview.keyboard.press("Space")
    wait_for(preview, "v.paused")


def test_a_scene_leads_to_its_moment(preview):
    scenes = preview.locator(".player__scene")
    expect(scenes).to_have_count(5)
    scenes.nth(3).click()
    wait_for(preview, "Math.abs(v.currentTime - 6) < 0.1")
    expect(scenes.nth(3)).to_have_attribute("aria-current", "true")
    scenes.nth(1).focus()
    preview.keyboard.press("Enter")
    wait_for(preview, "Math.abs(v.currentTime - 2) < 0.1")
    picture = scenes.nth(1).locator("span")
    assert picture.evaluate("node => getComputedStyle(node).backgroundImage").startswith("url(")


def test_the_speed_is_chosen_from_a_list_and_kept_by_adaptive_quality(preview):
    preview.locator("[data-speed]").select_option("2")
    play(preview)
    expect(preview.locator("[data-player][data-adaptive='hls.js']")).to_be_visible()
    wait_for(preview, "v.currentSrc.startsWith('blob:') && v.currentTime > 0.3")
    assert video(preview, "v.playbackRate") == 2


def test_in_the_judges_room_digits_score_and_letters_play(page, sign_in, film):
    section = factories.SectionFactory(kind="micro_video")
    factories.open_phase(section.edition, "judging")
    factories.CriterionFactory(edition=section.edition, code="theme")
    round = factories.RoundFactory(edition=section.edition)
    judge = add_judge(
        panel=factories.PanelFactory(edition=section.edition), user=factories.UserFactory()
    )
    assignments = []
    for position in (1, 2):
        entry = factories.EntryFactory(section=section, state="admitted", frames=False)
        asset = film if position == 2 else factories.AssetFactory(kind="video", derivatives=False)
        factories.FrameFactory(entry=entry, asset=asset)
        assignments.append(
            factories.AssignmentFactory(round=round, judge=judge, entry=entry, position=position)
        )
    sign_in(page, judge.user)
    page.goto(reverse("judging-work", args=[assignments[1].pk]))
    page.goto(reverse("judging-work", args=[assignments[0].pk]))
    page.keyboard.press("n")
    expect(page.locator(".room__where b")).to_have_text("2")
    scenes = page.locator(".player__scene")
    expect(scenes).to_have_count(5)  # the room was put in place by script
    page.keyboard.press("l")  # wherever the focus is
    wait_for(page, "v.currentTime > 9")
    expect(scenes.nth(4)).to_have_attribute("aria-current", "true")
    page.keyboard.press("[")
    expect(scenes.nth(3)).to_have_attribute("aria-current", "true")
    page.keyboard.press("]")
    expect(scenes.nth(4)).to_have_attribute("aria-current", "true")
    page.keyboard.press("l")
    wait_for(page, "v.currentTime > 9")
    page.locator("video").focus()
    page.keyboard.press("7")
    expect(page.locator("input[type=radio][value='7']")).to_be_checked()
    wait_for(page, "v.currentTime > 9")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".room__where b")).to_have_text("1")
