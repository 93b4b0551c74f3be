"""How long a judge waits for the next work: from the key to the painted picture.

    python -m benchmarks.room [--quick]

A real Chromium at the server of `manage.py serve`, on this machine and over a line that is far
away. Beside it, in turns: the same page when its script has not come, that is a form that is sent
and a page that is loaded, as most judging sites have it. The last line is JSON.
"""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import DESK, FLAGS, find_chromium
from tests.browser.served import Server

WORKS, QUICK_WORKS = 30, 3
# Noise makes a picture as large as a photo's.
DETAIL = 60
# Lines, as the browser's developer tools count: milliseconds there and back, bytes a second.
LINES = {"here": None, "far": {"latency": 100, "downloadThroughput": 1_000_000}}
# How long a work is looked at before it is scored: shorter than any judge does.
LOOK_MS = 1_500
OURS, FORM = "ours", "a form"

# Milliseconds of one clock for two documents: of the key, and of the frame with the picture.
PRESSED = """addEventListener("keydown", (event) => {
  sessionStorage.pressed = performance.timeOrigin + event.timeStamp;
}, { capture: true })"""
WAITED = """async (before) => {
  const shown = () => document.querySelector(".room__where b")?.textContent ?? before;
  const picture = () => document.querySelector(".stage .picture img");
  while (shown() === before || !picture()) await new Promise(requestAnimationFrame);
  await picture().decode();
  await new Promise(requestAnimationFrame);
  await new Promise((done) => setTimeout(done)); // after the frame is drawn
  return performance.timeOrigin + performance.now() - sessionStorage.pressed;
}"""


@dataclass(frozen=True)
class Judge:
    """A signed-in judge, and the address of their first work."""

    session: str
    address: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three works")
    works = QUICK_WORKS if parser.parse_args().quick else WORKS
    with tempfile.TemporaryDirectory(prefix="portal-room-") as folder:
        server = Server.over_new_tables(Path(folder))
        os.environ |= server.env
        import django

        django.setup()
        judges = {(line, way): bring_judge(works + 1) for line in LINES for way in (OURS, FORM)}
        with server, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            report(measure(chromium, server.url, judges, works))
            chromium.close()


def bring_judge(works: int) -> Judge:
    """Make a judge with so many works."""
    from django.test import Client
    from django.urls import reverse

    from tests.browser.test_judging_outbox import assigned

    first = assigned(works, detail=DETAIL)[0]
    client = Client()
    client.force_login(first.judge.user)
    address = reverse("judging-work", args=[first.pk])
    return Judge(client.cookies["sessionid"].value, address)


def measure(
    chromium: Browser, url: str, judges: dict[tuple[str, str], Judge], works: int
) -> dict[tuple[str, str], list[float]]:
    """Score so many works in each way, in turns; return the milliseconds of each wait."""
    windows = {of: open_room(chromium, url, *of, judge) for of, judge in judges.items()}
    waits: dict[tuple[str, str], list[float]] = {of: [] for of in windows}
    for _ in range(works):
        for (line, way), window in windows.items():
            window.bring_to_front()
            window.wait_for_timeout(LOOK_MS)
            waits[line, way].append(next_work(window, way))
    return waits


def open_room(chromium: Browser, url: str, line: str, way: str, judge: Judge) -> Page:
    """Open the judge's first work in a window of its own."""
    context = chromium.new_context(viewport=DESK, base_url=url)
    context.add_cookies([{"name": "sessionid", "value": judge.session, "url": url}])
    window = context.new_page()
    window.add_init_script(PRESSED)
    network = context.new_cdp_session(window)
    network.send("Network.enable")
    if limits := LINES[line]:
        told = {"offline": False, "uploadThroughput": -1} | limits
        network.send("Network.emulateNetworkConditions", told)
    if way == FORM:  # not by a route: with one, Playwright keeps nothing in the browser's cache
        network.send("Network.setBlockedURLs", {"urls": ["*/js/judging.*"]})
    window.goto(judge.address)
    return window


def next_work(window: Page, way: str) -> float:
    """Score the work that is shown; return how long it takes until the next is painted, in ms."""
    for code in ("theme", "artistry", "story"):
        window.locator(f"input[name=score-{code}][value='8']").check(force=True)
    before = window.locator(".room__where b").text_content()
    window.locator(".scorecard button[type=submit]").focus()
    if way == OURS:
        window.keyboard.press("Enter")
    else:
        with window.expect_navigation(wait_until="commit"):
            window.keyboard.press("Enter")
    return float(window.evaluate(WAITED, before))


def report(waits: dict[tuple[str, str], list[float]]) -> None:
    """Print the medians, and as the last line all figures as JSON."""
    answer: dict[str, float] = {}
    for (line, way), taken in waits.items():
        print(f"{line:5} {way:7} {median(taken):6.0f} ms  (longest {max(taken):.0f})")
        answer[f"{line}_{'ours' if way == OURS else 'form'}_ms"] = round(median(taken), 1)
    for line in LINES:
        ratio = median(waits[line, FORM]) / median(waits[line, OURS])
        answer[f"{line}_form_vs_ours"] = round(ratio, 1)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
