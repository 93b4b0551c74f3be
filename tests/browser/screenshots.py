"""Photographs the pages of the demo into docs/screenshots/: `make screenshots`.

Serves the database that the demo left in DATA_DIR on a port of its own.
"""

import io
import os
from pathlib import Path

import django
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import DESK, FLAGS, PHONE, find_chromium
from tests.browser.served import Server

TARGET = Path("docs/screenshots")
COLOURS = 256


def addresses() -> list[tuple[str, str, str]]:
    """Return (name, who looks, address) of each page, read from the demo's database."""
    from django.urls import reverse

    from competition.awards.models import Award
    from competition.entries.models import Entry
    from competition.judging.models import Assignment

    award = Award.objects.filter(award_list__state="published").first()
    past = award.entry.edition
    upload = Entry.objects.filter(
        state__in=["draft", "returned"],
        frames__asset__state="ready",
        created_by__email="company@example.org",
    ).first()
    reading = Assignment.objects.filter(
        judge__user__email="judge@example.org",
        scorecard=None,
        round__closed_at=None,
        entry__section__kind="single_photo",
    ).first()
    return [
        ("home", "", "/"),
        ("gallery", "", f"/gallery-{past.slug}/"),
        ("work", "", f"/gallery-{past.slug}/works/{award.entry.number}/"),
        ("results", "", f"/results-{past.slug}/"),
        ("notice", "", f"/notice-{past.slug}/"),
        ("certificate", "", reverse("certificate", args=[award.certificate.number])),
        ("upload", "company@example.org", reverse("entry-edit", args=[upload.pk])),
        ("judge", "judge@example.org", reverse("judging-work", args=[reading.pk])),
    ]


def sign_in(page: Page, email: str) -> None:
    """Go through the site's own form."""
    from portal.demo.cast import PASSWORD

    page.goto("/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def take(browser: Browser, base_url: str, name: str, email: str, address: str) -> None:
    """Take the page at both widths and keep it as a small PNG."""
    for viewport in (PHONE, DESK):
        context = browser.new_context(viewport=viewport, base_url=base_url, locale="zh-CN")
        page = context.new_page()
        if email:
            sign_in(page, email)
        page.goto(address, wait_until="networkidle")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        target = TARGET / f"{name}-{viewport['width']}.png"
        picture.quantize(COLOURS, kmeans=1).save(target, optimize=True)
        print(f"{target}  {target.stat().st_size // 1024} KB")
        context.close()


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.development")
    django.setup()
    pages = addresses()
    TARGET.mkdir(parents=True, exist_ok=True)
    with Server(settings.DATA_DIR) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for page in pages:
            take(browser, server.url, *page)
        browser.close()


if __name__ == "__main__":
    main()
