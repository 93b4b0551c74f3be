"""Pages as people of each role ask for them, timed, with their queries."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from competition.judging.models import Assignment
from portal.accounts.models import User
from portal.demo.cast import Cast
from portal.pages.models import GalleryPage
from portal.rehearsal.editions import SLUG, the_edition

TIMES = 3  # the first has to read; the middle one of all counts


@dataclass(frozen=True)
class Visit:
    """One page, as `who` asks for it."""

    moment: str
    who: str
    path: str
    status: int
    milliseconds: float
    first: float
    queries: int
    kilobytes: float


def visit_screening(cast: Cast) -> list[dict[str, Any]]:
    """The entrant's and the association's pages while works are being screened."""
    company = cast.companies[0]
    entry = the_edition().entries.filter(organisation=company.organisation)[0]
    mine = [reverse("my"), reverse("entry-detail", args=[entry.pk])]
    found = _visit("screening", "entrant", company.entrant, mine)
    if cast.managers:
        manager = next(iter(cast.managers.values()))
        found += _visit("screening", "association", manager, [reverse("screening")])
    return found


def visit_judging(cast: Cast) -> list[dict[str, Any]]:
    """The judge's pages while works are being scored."""
    judge = cast.judges[0]
    work = Assignment.objects.filter(judge__user=judge)[0]
    paths = [reverse("judging"), reverse("judging-work", args=[work.pk])]
    return _visit("judging", "judge", judge, paths)


def visit_results(cast: Cast) -> list[dict[str, Any]]:
    """What everybody sees in the end, and the organiser's lists."""
    entry = the_edition().entries.exclude(number=None).filter(state="admitted")[0]
    public = ["/", "/gallery/", "/gallery/?page=2", f"/gallery/works/{entry.number}/", "/results/"]
    public += ["/notice/", "/en/gallery/", reverse("vote-ledger", args=[SLUG])]
    hall = GalleryPage.objects.filter(edition=the_edition())[0]
    public += ["/api/v1/editions/", "/sitemap.xml", f"/sitemap-works-{hall.pk}.xml"]
    found = _visit("published", "visitor", None, public)
    return found + _visit("published", "organiser", cast.organiser, _organisers_pages())


def _organisers_pages() -> list[str]:
    """Return the admin's lists: where many rows are, pages grow slow first."""
    client = Client(SERVER_NAME=_host())
    organiser = User.objects.get(email="organiser@example.org")
    client.force_login(organiser)
    menu = client.get("/admin/").content.decode()
    links = {part.split('"')[0] for part in menu.split('"url": "')[1:]}
    return sorted(link for link in links if link.startswith("/admin/"))


def _visit(moment: str, who: str, user: User | None, paths: Sequence[str]) -> list[dict[str, Any]]:
    client = Client(SERVER_NAME=_host(), raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return [asdict(_look(client, moment, who, path)) for path in paths]


def _look(client: Client, moment: str, who: str, path: str) -> Visit:
    times, queries = [], 0
    for turn in range(TIMES):
        for alias in ("pages", "cards"):
            caches[alias].clear()
        with CaptureQueriesContext(connection) as captured:
            begun = perf_counter()
            answer = client.get(path)
            body = sum(len(part) for part in answer) if answer.streaming else len(answer.content)
            times.append((perf_counter() - begun) * 1000)
        queries = queries if turn else len(captured)
    middle = sorted(times)[TIMES // 2]
    return Visit(moment, who, path, answer.status_code, middle, times[0], queries, body / 1024)


def _host() -> str:
    return urlsplit(settings.WAGTAILADMIN_BASE_URL).hostname or "localhost"
