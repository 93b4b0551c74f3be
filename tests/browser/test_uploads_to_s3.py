"""Uploads from a real Chromium straight to a real object storage, over a line that breaks."""

import hashlib
import json
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage

from tests.browser.chromium import DESK
from tests.browser.line import Line
from tests.browser.served import Server
from tests.media_processing.processes import wait_for
from tests.servers import Buckets

MB = 1024**2
PART = 8 * MB
# What goes up besides the parts: the site's own questions to the storage, and all headers.
OVERHEAD = 256 * 1024
WORLD = """
import json
from django.test import Client
from tests.factories import EntryFactory, MembershipFactory, SectionFactory, open_phase
section = SectionFactory(kind="micro_video", max_mb=200)
open_phase(section.edition, "call")
member = MembershipFactory()
works = [
    EntryFactory(section=section, organisation=member.organisation, created_by=member.user, frames=False).pk
    for _ in range(3)
]
client = Client()
client.force_login(member.user)
print("WORLD", json.dumps({
    "session": client.cookies["sessionid"].value,
    "works": works,
    "desk": f"/my/bulk/{member.organisation_id}/{section.edition.slug}/",
}))
"""  # noqa: E501
ASSETS = """
import json
from media_processing.models import MediaAsset
rows = MediaAsset.objects.values_list("original_name", "state", "original")
print("WORLD", json.dumps(list(rows)))
"""


@pytest.fixture(scope="module")
def line(buckets: Buckets) -> Iterator[Line]:
    """The only way to the storage, for the site and for the browser."""
    one = Line(buckets.url)
    yield one
    one.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, buckets: Buckets, line: Line) -> Iterator[Server]:
    engines = buckets.environment | {"S3_ENDPOINT_URL": line.url}
    one = Server.over_new_tables(tmp_path_factory.mktemp("served"), **engines)
    one.manage("prepare_buckets")
    one.start()
    yield one
    one.stop()


def asked(server: Server, question: str) -> dict | list:
    said = server.manage("shell", "-c", question)
    return json.loads(said[said.index("WORLD") + 5 :])


@pytest.fixture(scope="module")
def world(server: Server) -> dict:
    return asked(server, WORLD)


@pytest.fixture
def work(world: dict) -> int:
    """A draft of its own for each test."""
    return world["works"].pop()


def make_clip(path: Path) -> Path:
    """A small film made 20 MB long by a box that players skip; no two parts of it are alike."""
    source = ["-f", "lavfi", "-i", "testsrc=duration=2:size=320x240:rate=25"]
    subprocess.run(["ffmpeg", "-v", "error", *source, str(path)], check=True)
    size = 20 * MB - path.stat().st_size
    with path.open("ab") as file:
        file.write(size.to_bytes(4, "big") + b"free" + random.Random(path.name).randbytes(size - 8))
    return path


@pytest.fixture
def clip(tmp_path) -> Path:
    return make_clip(tmp_path / "片.mp4")


@pytest.fixture
def window(browser: Browser, world: dict, server: Server, line: Line) -> Iterator[BrowserPage]:
    """A window whose line breaks; uncaught errors still fail the test."""
    line.mend()
    errors: list[str] = []
    context = browser.new_context(viewport=DESK, base_url=server.url, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": world["session"], "url": server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert errors == []


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expect_in_bucket(server: Server, buckets: Buckets, clip: Path) -> None:
    """The newest row of this name is received, and its object has the file's bytes."""
    rows = [row for row in asked(server, ASSETS) if row[0] == clip.name and row[1] == "received"]
    assert len(rows) == 1
    key = f"originals/{rows[0][2]}"
    body = buckets.client().get_object(Bucket=buckets.originals, Key=key)["Body"].read()
    assert hashlib.sha256(body).hexdigest() == digest(clip)


arrived = "[data-asset][data-state=received]"
arrived_at_desk = "[data-frame][data-state=received]"


def test_cut_in_the_middle_and_reloaded_only_what_lacks_is_sent(
    window, line, server, buckets, clip, work
):
    clip = clip.rename(clip.with_name("断.mp4"))
    buckets.forget_unfinished()
    window.goto(f"/my/works/{work}/edit/")
    line.cut_at = line.sent + PART + 4 * MB
    window.set_input_files("#files-input", clip)
    wait_for(line.was_cut.is_set)
    (begun,) = buckets.unfinished()
    window.goto("about:blank")
    line.mend()

    window.goto(f"/my/works/{work}/edit/")
    expect(window.locator("[data-choose-again]")).to_be_visible()
    line.sent = 0
    window.set_input_files("#files-input", clip)
    expect(window.locator(arrived)).to_have_count(1, timeout=120_000)

    lacking = clip.stat().st_size - PART
    assert lacking <= line.sent < lacking + OVERHEAD
    assert begun not in buckets.unfinished()
    expect_in_bucket(server, buckets, clip)


def test_the_page_goes_on_by_itself_when_the_line_is_back(
    window, line, server, buckets, clip, work
):
    clip = clip.rename(clip.with_name("续.mp4"))
    window.goto(f"/my/works/{work}/edit/")
    line.cut_at = line.sent + PART + 4 * MB
    window.set_input_files("#files-input", clip)
    wait_for(line.was_cut.is_set)
    time.sleep(1)
    line.mend()
    expect(window.locator(arrived)).to_have_count(1, timeout=120_000)
    expect_in_bucket(server, buckets, clip)


def test_an_upload_is_paused_gone_on_with_and_taken_back(window, line, buckets, clip, work):
    window.goto(f"/my/works/{work}/edit/")
    buckets.forget_unfinished()
    line.sent = 0
    pace = MB  # a second: slow enough to press buttons meanwhile
    client = window.context.new_cdp_session(window)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": pace}
    client.send("Network.emulateNetworkConditions", limits)
    window.set_input_files("#files-input", clip)
    row = window.locator("[data-upload]")
    expect(row).to_have_attribute("data-upload", "sending")
    row.locator("[data-deed=pause]").click()
    expect(row).to_have_attribute("data-upload", "paused")
    paused_at = line.sent
    wait_for(line.is_still)  # what was on the way arrives
    sent = line.sent
    assert sent - paused_at < PART // 2, "the part that was on its way is not finished"
    assert sent < clip.stat().st_size // 2, "nothing goes up while it is paused"
    row.locator("[data-deed=go-on]").click()
    wait_for(lambda: line.sent > sent + MB)
    row.locator("[data-deed=cancel]").click()
    expect(row).to_have_count(0)
    expect(window.locator("[data-asset]")).to_have_count(0)
    expect(window.locator("[data-dropzone]")).to_be_visible()
    wait_for(lambda: buckets.unfinished() == {})


def test_the_desk_sends_straight_too(window, world, line, server, buckets, clip):
    clip = clip.rename(clip.with_name("桌.mp4"))
    window.goto(world["desk"])
    line.cut_at = line.sent + PART + 4 * MB
    window.set_input_files("#desk-files", clip)
    wait_for(line.was_cut.is_set)
    line.mend()
    expect(window.locator(arrived_at_desk, has_text=clip.name)).to_have_count(1, timeout=120_000)
    expect_in_bucket(server, buckets, clip)
