"""What the gallery costs while the public votes: 48 works, each picture in five sizes.

    python -m benchmarks.gallery [--quick]

PostgreSQL and Redis as in production, and the server of `manage.py serve`. Beside it: a gallery
by Wagtail's own image tags, a view that does nothing behind the same middleware, the page as a
static file. All ways run in turns, in short rounds; what counts is their ratio. The last line is
JSON.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import load
from benchmarks.voting import json_in_cookie, wait_for
from portal.management.supervisor import web_command
from tests.servers import free_port, postgresql, redis

WORKS = 48
SIDES = (320, 640, 1280, 1920, 2560)
CLIENTS = 8
VISITORS = 200
ROUNDS, SECONDS = 7, 3.0
QUICK_ROUNDS, QUICK_SECONDS = 3, 0.7
# Before each measurement, not counted: pages are kept for half a minute, in 64 orders.
WARM_SECONDS = 0.4

EMPTY, FILE = "an empty view", "a static file"
UNCACHED, CACHED = "our gallery, made anew", "our gallery, as it was kept"
FROM_NOTHING = "our gallery, and all its cards"
WORK_UNCACHED, WORK_CACHED = "a work's page, made anew", "a work's page, as it was kept"
WAGTAIL = "Wagtail's image tags"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="three short rounds")
    quick = parser.parse_args().quick
    rounds, seconds = (QUICK_ROUNDS, QUICK_SECONDS) if quick else (ROUNDS, SECONDS)
    with (
        tempfile.TemporaryDirectory(prefix="portal-gallery-") as folder,
        postgresql() as database,
        redis() as cache,
    ):
        url = f"http://localhost:{free_port()}"
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_URL": database,
            "CACHE_URL": cache.url,
            "BASE_URL": url,
            "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
            "DJANGO_SETTINGS_MODULE": "benchmarks.gallery_site.settings",
        }
        queries = set_up(Path(folder))
        server = subprocess.Popen(web_command(url))
        try:
            wait_for(url)
            report(measure(url, rounds, seconds), queries)
        finally:
            server.terminate()
            server.wait(timeout=20)


# --- The site -----------------------------------------------------------------------------------


def set_up(folder: Path) -> int:
    """Make an open poll over the works, and Wagtail's pictures; return our page's queries."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    make_works()
    make_wagtail_pictures()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    settings.ALLOWED_HOSTS.append("testserver")
    client = Client()
    client.get("/gallery/?q=P")
    asked = []

    def count(execute: Any, *query: Any) -> Any:
        asked.append(query)
        return execute(*query)

    with connection.execute_wrapper(count):
        page = client.get("/gallery/?q=P")
    if page.content.count(b"data-vote=") != WORKS or page.content.count(b"2560w") != WORKS:
        raise RuntimeError("The page does not show 48 works with srcset and a vote each.")
    client.get("/wagtail-tags/")  # makes the renditions
    static = folder / "static"
    static.mkdir(exist_ok=True)
    (static / "gallery.html").write_bytes(page.content)
    return len(asked)


def make_works() -> None:
    from wagtail.models import Locale, Page, Site

    from portal.pages.services import create_site
    from tests import factories

    Locale.objects.get_or_create(language_code="zh-hans")
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    if not Site.objects.exists():
        home = root.add_child(instance=Page(title="Welcome", slug="home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    edition = factories.EditionFactory(slug="bench")
    factories.open_phase(edition, "voting")
    section = factories.SectionFactory(edition=edition)
    factories.PollFactory(edition=edition).sections.add(section)
    create_site(edition=edition)
    entrant = factories.MembershipFactory()
    for number in range(WORKS):
        asset = factories.AssetFactory(derivatives=False)
        for side in SIDES:
            factories.DerivativeFactory(
                asset=asset,
                name=f"picture-{side}-webp",
                file=f"ab/{asset.pk.hex}-{side}.webp",
                width=side,
                height=side * 2 // 3,
            )
        entry = factories.EntryFactory(
            section=section,
            organisation=entrant.organisation,
            created_by=entrant.user,
            state="admitted",
            number=f"P-{number:06}",
            frames=False,
        )
        factories.FrameFactory(entry=entry, asset=asset)


def make_wagtail_pictures() -> None:
    """Small files: what a request costs is to find the renditions, not to make them."""
    from django.core.files.images import ImageFile
    from PIL import Image
    from wagtail.images import get_image_model
    from wagtail.models import Collection

    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    drawn = BytesIO()
    Image.new("RGB", (300, 200), "teal").save(drawn, "JPEG")
    for number in range(WORKS):
        file = ImageFile(BytesIO(drawn.getvalue()), name=f"{number}.jpg")
        get_image_model().objects.create(title=f"Picture {number}", file=file)


# --- Measuring ------------------------------------------------------------------------------------


class Visitors:
    """Who look at the pages: each with a badge of their own, none signed in."""

    def __init__(self, url: str) -> None:
        from tests.factories import proved_badge

        self.url = url
        self.host = url.removeprefix("http://")
        self.cookies = [f"voter={json_in_cookie(proved_badge())}" for _ in range(VISITORS)]

    def requests(self, path: str) -> Iterator[bytes]:
        """Return an endless line of GETs for the path, of one visitor after another."""
        return cycle([self._request(path, cookie) for cookie in self.cookies])

    def _request(self, path: str, cookie: str) -> bytes:
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {self.host}",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0",
            "Accept: text/html",
            "Accept-Language: zh-CN,zh;q=0.9",
            f"Cookie: {cookie}",
            "",
            "",
        ]
        return "\r\n".join(lines).encode()

    def rate(self, path: str, seconds: float) -> float:
        """Return the answers a second."""
        done = load.run(self.url, self.requests(path), clients=CLIENTS, seconds=seconds)
        if done.others:
            raise RuntimeError(f"{path}: {done.others}")
        return done.rate


def measure(url: str, rounds: int, seconds: float) -> dict[str, float]:
    """Return the medians of what each way did a second."""
    ways = {
        EMPTY: "/empty/",
        FILE: "/static/gallery.html",
        CACHED: "/gallery/",
        WORK_CACHED: "/gallery/works/P-000007/",
        UNCACHED: "/gallery/?q=P",  # a search is never kept, and this one finds all 48
        WORK_UNCACHED: "/gallery/works/P-000007/?x=1",
        WAGTAIL: "/wagtail-tags/",
        FROM_NOTHING: "/from-nothing/?q=P",
    }
    visitors = Visitors(url)
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, path in ways.items():
            visitors.rate(path, WARM_SECONDS)
            rates[name].append(visitors.rate(path, seconds))
    return {name: median(found) for name, found in rates.items()}


def report(rates: dict[str, float], queries: int) -> None:
    for name, rate in rates.items():
        print(f"{name:32} {rate:8.0f} requests/s")
    result = {
        "uncached_vs_wagtail_tags": round(rates[UNCACHED] / rates[WAGTAIL], 1),
        "cached_vs_empty_view": round(rates[CACHED] / rates[EMPTY], 3),
        "made_from_nothing_vs_wagtail_tags": round(rates[FROM_NOTHING] / rates[WAGTAIL], 1),
        "work_cached_vs_empty_view": round(rates[WORK_CACHED] / rates[EMPTY], 3),
        "cached_vs_static_file": round(rates[CACHED] / rates[FILE], 3),
        "queries": queries,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
