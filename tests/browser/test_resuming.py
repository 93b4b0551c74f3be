"""Uploads over bad lines, the whole way: real clients, a real server, real interruptions."""

import hashlib
import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage
from tusclient.client import TusClient

from tests.browser.chromium import DESK
from tests.browser.line import Line
from tests.browser.served import Server
from tests.media_processing.processes import wait_for

MB = 1024**2
# What goes up besides the file: the page's own requests, their headers and cookies.
OVERHEAD = 256 * 1024
# What a system holds between a socket and its reader, and forgets when the line breaks.
IN_FLIGHT = 8 * MB
WORLD = """
import json
from django.test import Client
from tests.factories import EntryFactory, MembershipFactory, SectionFactory, open_phase
section = SectionFactory(kind="micro_video", max_mb=200)
open_phase(section.edition, "call")
member = MembershipFactory()
works = [
    EntryFactory(section=section, organisation=member.organisation, created_by=member.user, frames=False).pk
    for _ in range(6)
]
client = Client()
client.force_login(member.user)
print("WORLD", json.dumps({"session": client.cookies["sessionid"].value, "works": works}))
"""  # noqa: E501
TOKEN = "a" * 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    one = Server.over_new_tables(folder)
    one.start()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def world(server: Server) -> dict:
    said = server.manage("shell", "-c", WORLD)
    return json.loads(said[said.index("WORLD") + 5 :])


@pytest.fixture
def work(world: dict) -> int:
    """A draft of its own for each test."""
    return world["works"].pop()


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    one = Line(server.url)
    yield one
    one.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    """A small film made 60 MB long by a box that players skip; no two parts of it are alike."""
    path = tmp_path_factory.mktemp("clips") / "片.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=duration=2:size=320x240:rate=25"]
    subprocess.run(["ffmpeg", "-v", "error", *source, str(path)], check=True)
    size = 60 * MB - path.stat().st_size
    with path.open("ab") as file:
        file.write(size.to_bytes(4, "big") + b"free" + random.Random(3).randbytes(size - 8))
    return path


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def originals(folder: Path) -> set[Path]:
    return {path for path in (folder / "originals").rglob("*") if path.is_file()}


# --- the page -----------------------------------------------------------------------------


@pytest.fixture
def window(browser: Browser, world: dict, line: Line) -> Iterator[BrowserPage]:
    """A window whose line breaks; uncaught errors still fail the test."""
    errors: list[str] = []
    context = browser.new_context(viewport=DESK, base_url=line.url, locale="zh-CN")
    context.add_cookies([{"name": "sessionid", "value": world["session"], "url": line.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    yield page
    context.close()
    assert errors == []


def choose(page: BrowserPage, clip: Path) -> None:
    page.set_input_files("#files-input", clip)


def expect_arrived(page: BrowserPage) -> None:
    expect(
        page.locator("[data-asset]:is([data-state=received], [data-state=ready])")
    ).to_have_count(1, timeout=120_000)


def test_cut_at_half_reloaded_and_restarted_only_the_rest_is_sent(
    window, line, server, folder, clip, work
):
    before = originals(folder)
    size = clip.stat().st_size
    window.goto(f"/my/works/{work}/edit/")
    line.cut_at = line.sent + size // 2
    choose(window, clip)
    wait_for(line.was_cut.is_set)
    (part,) = (folder / "unfinished").iterdir()
    wait_for(lambda: part.stat().st_size > size // 2 - IN_FLIGHT)  # what was read is written
    server.stop()
    here = part.stat().st_size
    assert size // 2 - IN_FLIGHT < here <= size // 2, "what had arrived is kept"

    window.goto("about:blank")  # or the old page would go on by itself, and nothing be to choose
    server.start()
    line.mend()
    window.goto(f"/my/works/{work}/edit/")
    expect(window.locator("[data-choose-again]")).to_be_visible()
    expect(window.locator("[data-percent]")).not_to_be_empty()
    line.sent = 0
    choose(window, clip)
    expect_arrived(window)

    assert size - here <= line.sent < size - here + OVERHEAD
    (arrived,) = originals(folder) - before
    assert digest(arrived) == digest(clip)
    assert list((folder / "unfinished").iterdir()) == []


def test_the_page_goes_on_by_itself_when_the_line_is_back(window, line, folder, clip, work):
    before = originals(folder)
    size = clip.stat().st_size
    window.goto(f"/my/works/{work}/edit/")
    line.sent = 0
    line.cut_at = size // 3
    choose(window, clip)
    wait_for(line.was_cut.is_set)
    time.sleep(1)
    line.mend()
    expect_arrived(window)
    assert line.sent < size + MB + OVERHEAD
    (arrived,) = originals(folder) - before
    assert digest(arrived) == digest(clip)


def test_an_upload_is_paused_gone_on_with_and_taken_back(window, line, folder, clip, work):
    window.goto(f"/my/works/{work}/edit/")
    line.pace = MB  # a second, so that it is still on its way when the buttons are pressed
    choose(window, clip)
    row = window.locator("[data-upload]")
    expect(row).to_have_attribute("data-upload", "sending")
    row.locator("[data-deed=pause]").click()
    expect(row).to_have_attribute("data-upload", "paused")
    wait_for(line.is_still)  # what was on the way arrives
    sent = line.sent
    assert sent < clip.stat().st_size // 2, "nothing goes up while it is paused"
    row.locator("[data-deed=go-on]").click()
    wait_for(lambda: line.sent > sent + MB)
    row.locator("[data-deed=cancel]").click()
    expect(row).to_have_count(0)
    expect(window.locator("[data-asset]")).to_have_count(0)
    expect(window.locator("[data-dropzone]")).to_be_visible()
    wait_for(lambda: list((folder / "unfinished").iterdir()) == [])


# --- plain clients ------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path) -> Path:
    path = tmp_path / "片.mp4"
    path.write_bytes(random.Random(5).randbytes(3 * MB))
    return path


@pytest.fixture
def cookie(world: dict) -> str:
    return f"sessionid={world['session']}; csrftoken={TOKEN}"


@pytest.mark.parametrize("checksum", [False, True])
def test_tuspy_completes(server, folder, small, work, cookie, checksum):
    before = originals(folder)
    headers = {"Cookie": cookie, "X-CSRFToken": TOKEN}
    client = TusClient(f"{server.url}/my/works/{work}/uploads/", headers=headers)
    options = {"chunk_size": MB, "upload_checksum": checksum, "metadata": {"filename": small.name}}
    with small.open("rb") as file:  # tuspy itself closes none
        broken_off = client.uploader(file_stream=file, **options)
        broken_off.upload(stop_at=MB)
        again = client.uploader(file_stream=file, url=broken_off.url, **options)
        assert again.offset == MB
        again.upload()
    (arrived,) = originals(folder) - before
    assert digest(arrived) == digest(small)


def test_tus_js_client_completes_after_a_break(server, folder, small, work, cookie):
    before = originals(folder)
    node = shutil.which("node") or ".venv/bin/node"
    script = Path(__file__).parent / "tus_client.mjs"
    endpoint = f"{server.url}/my/works/{work}/uploads/"
    said = subprocess.run(
        [node, script, small, endpoint, cookie, TOKEN], capture_output=True, check=False, timeout=60
    )
    assert said.returncode == 0, said.stderr.decode()
    (arrived,) = originals(folder) - before
    assert digest(arrived) == digest(small)
