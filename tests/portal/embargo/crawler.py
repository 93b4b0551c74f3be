"""Reads a site as a curious stranger does: every link, every form, every address one may guess.

What it finds out, it says; what may differ between two readings of the same thing, it leaves out.
"""

import contextlib
import html
import itertools
import re
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from django.test import Client
from django.urls import NoReverseMatch, reverse
from wagtail.models import Page

from tests.portal.test_doors import is_in_admin, routes

HOST = "http://testserver"
# So many answers and no more: a site that makes addresses without end fails, and says so.
MOST = 4000
# Files of the program, the organiser's rooms, the way out, and a riddle that is drawn by lot.
LEFT_ALONE = ("/static/", "/admin/", "/accounts/logout", "/en/accounts/logout", "/vote/proof/")
HEADERS_OF_A_MOMENT = {"x-request-id", "set-cookie", "date", "expires"}

QUOTED = re.compile(r"""["']([^"'<>]{1,2000})["']""")
BETWEEN_TAGS = re.compile(r">\s*((?:/|https?://)[^<>\s]{1,2000})\s*<")
LINK = re.compile(r"""\b(?:href|src|action|poster)\s*=\s*["']([^"'<>]+)["']""")
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.S)
FIELD = re.compile(
    r"<(?:input|select|textarea|button)\b[^>]*\bname=[\"']([^\"']+)[\"'][^>]*>", re.S
)
CHOICE = re.compile(r"\bvalue=[\"']([^\"']*)[\"']")
# Where to go after signing in: the page that says so is always the same one.
WAY_BACK = re.compile(r"[?&]next=[^&]*")
# A token masked anew each time.
OF_A_MOMENT = [
    re.compile(rb"""(csrfmiddlewaretoken[^>]{0,40}value=["'])[^"']+"""),
    re.compile(rb"""("?(?:csrf_?token|CSRF_TOKEN)"?\s*[:=]\s*["'])[^"']+""", re.I),
]


@dataclass(frozen=True)
class Answer:
    """What came back, without what differs from one moment to the next."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass
class Guesses:
    """What may stand in an address, by the parameter's name; and words to search for.

    A name such as "work-poster number" is that of one route's parameter.
    """

    parameters: Mapping[str, Iterable[Any]] = field(default_factory=dict)
    others: Iterable[Any] = ()
    words: Iterable[str] = ()

    def addresses(self) -> Iterator[str]:
        """Yield every address of this project's routes and pages with all that is guessed."""
        for name, pattern, path in routes():
            if is_in_admin(path) or name == "page":
                continue
            keys = list(pattern.pattern.converters)
            outer = [key for key in re.findall(r"<(?:\w+:)?(\w+)>", path) if key not in keys]
            keys = outer + keys
            for values in itertools.product(*(self._values(key, name) for key in keys)):
                with contextlib.suppress(NoReverseMatch):  # the guess does not fit the converter
                    yield reverse(name, kwargs=dict(zip(keys, values, strict=True)))
        for page in Page.objects.live().specific():
            yield from self._below(page)

    def filled(self, template: str) -> Iterator[str]:
        """Yield what is guessed of an address such as /api/works/{number}/."""
        keys = re.findall(r"{(\w+)}", template)
        for values in itertools.product(*map(self._values, keys)):
            yield template.format(**dict(zip(keys, values, strict=True)))

    def _values(self, parameter: str, route: str = "") -> list[Any]:
        anywhere = self.parameters.get(parameter, self.others)
        return list(self.parameters.get(f"{route} {parameter}", anywhere))

    def _below(self, page: Any) -> Iterator[str]:
        """Yield a page's address, what its own routes make of guesses, and names of files there."""
        address = page.get_url() or "/"
        yield address
        for below in ("feed/", "data.json", "share.png"):
            yield address + below
        patterns = page.get_subpage_urls() if hasattr(page, "get_subpage_urls") else []
        for pattern in patterns:
            keys = list(pattern.pattern.converters)
            for values in itertools.product(*map(self._values, keys)):
                path = str(pattern.pattern)
                for key, value in zip(keys, values, strict=True):
                    path = re.sub(rf"<(\w+:)?{key}>", str(value), path)
                yield address + path


@dataclass
class Crawl:
    """One reading of the whole site: `answers` by address."""

    client: Client
    guesses: Guesses
    starts: Iterable[str] = ("/", "/en/", "/robots.txt", "/sitemap.xml", "/api/openapi.json")
    left_alone: tuple[str, ...] = LEFT_ALONE
    answers: dict[str, Answer] = field(default_factory=dict)
    _queue: deque[str] = field(default_factory=deque)
    _seen: set[str] = field(default_factory=set)

    def run(self) -> dict[str, Answer]:
        for address in (*self.starts, *self.guesses.addresses()):
            self._ask_for(address)
        while self._queue:
            address = self._queue.popleft()
            answer = self.answers[address] = self._get(address)
            assert len(self.answers) < MOST, "the site makes addresses without end"
            assert answer.status < 500, (address, answer.status)
            for found in self._links(address, answer):
                self._ask_for(found)
        return self.answers

    def _ask_for(self, address: str) -> None:
        absolute, _fragment = urldefrag(urljoin(HOST, address))
        absolute = WAY_BACK.sub("", absolute)
        parts = urlsplit(absolute)
        if parts.hostname not in ("testserver", "localhost"):
            return
        place = parts.path + (f"?{parts.query}" if parts.query else "")
        if place in self._seen or place.startswith(self.left_alone):
            return
        self._seen.add(place)
        self._queue.append(place)

    def _get(self, address: str) -> Answer:
        # From elsewhere each time: a limit of tries would hide what there is to find.
        number = len(self.answers) + 1
        elsewhere = f"10.0.{number // 250}.{number % 250 + 1}"
        response = self.client.get(address, REMOTE_ADDR=elsewhere)
        body = b"".join(response) if response.streaming else response.content
        kind = response.headers.get("Content-Type", "")
        if kind.startswith(("text/", "application/json", "application/xml")):
            for moment in OF_A_MOMENT:
                body = moment.sub(rb"\1", body)
        if kind.endswith("spreadsheetml.sheet"):
            body = _unpacked(body)
        left_out = HEADERS_OF_A_MOMENT | ({"content-length"} if kind.endswith("sheet") else set())
        headers = sorted(
            (name.lower(), value)
            for name, value in response.headers.items()
            if name.lower() not in left_out
        )
        return Answer(response.status_code, tuple(headers), body)

    def _links(self, address: str, answer: Answer) -> Iterator[str]:
        headers = dict(answer.headers)
        if "location" in headers:
            yield urljoin(HOST + address, headers["location"])
        if not headers.get("content-type", "").startswith(("text/", "application/")):
            return
        if headers["content-type"].startswith(("application/pdf", "application/zip")):
            return
        text = html.unescape(answer.text)
        here = HOST + address
        for link in LINK.findall(answer.text):
            yield urljoin(here, html.unescape(link))
        for found in (*QUOTED.findall(text), *BETWEEN_TAGS.findall(text)):
            for part in re.split(r",\s+|\s+", found):  # as in srcset
                if re.match(r"(/(?!/)[\w.%/?=&;~+-]*|https?://[^{}]+)$", part):
                    yield part
                elif re.match(r"/[\w.%/{}-]+$", part):  # as in a description of an API
                    yield from self.guesses.filled(part)
        yield from self._searches(here, answer.text)

    def _searches(self, here: str, text: str) -> Iterator[str]:
        """Yield what the page's GET forms lead to: each choice, each word in each field."""
        for form in FORM.findall(text):
            head = form[: form.index(">") + 1]
            if re.search(r"method=[\"']?post", head, re.I):
                continue
            action = re.search(r"action=[\"']([^\"']*)", head)
            place = urljoin(here, html.unescape(action.group(1)) if action else urlsplit(here).path)
            place = place.split("?")[0]
            for name in {name for name in FIELD.findall(form) if name != "csrfmiddlewaretoken"}:
                for value in {*self.guesses.words, *CHOICE.findall(form)}:
                    yield f"{place}?{urlencode({name: html.unescape(value)})}"


def _unpacked(sheet: bytes) -> bytes:
    """Return what is in a workbook, without when each of its parts was written to the disk."""
    with zipfile.ZipFile(BytesIO(sheet)) as archive:
        return b"\n".join(name.encode() + archive.read(name) for name in archive.namelist())


def differences(one: dict[str, Answer], other: dict[str, Answer]) -> list[str]:
    """Return a line for each address that tells two crawls apart, with what it tells."""
    lines = [f"{place}: asked for by one only" for place in sorted(one.keys() ^ other.keys())]
    for place in sorted(one.keys() & other.keys()):
        if one[place] != other[place]:
            lines.append(f"{place}: {_difference(one[place], other[place])}")
    return lines


def _difference(one: Answer, other: Answer) -> str:
    if one.status != other.status:
        return f"{one.status}, {other.status}"
    if one.headers != other.headers:
        return str(set(one.headers) ^ set(other.headers))
    both = zip(one.body, other.body, strict=False)
    at = next((at for at, (a, b) in enumerate(both) if a != b), min(len(one.body), len(other.body)))
    begin = max(0, at - 60)
    return " | ".join(
        text[begin : at + 60].decode(errors="replace") for text in (one.body, other.body)
    )
