"""The site as a browser meets it: a real server, real sign-ins, files by resumable upload."""

import base64
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from competition.entries.models import Entry
from portal.demo.cast import PASSWORD, Company
from portal.rehearsal.workers import STOP_SECONDS, Place

START_SECONDS = 120
ANSWER_SECONDS = 120


class NotServed(Exception):
    """The server did not come up; the message says where its words are."""


class Browser:
    """One person's: with cookies of its own, at an address of its own."""

    def __init__(self, url: str, address: str) -> None:
        self.url, self.address = url, address
        self.cookies = CookieJar()
        keeps = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(keeps)

    def ask(
        self, path: str, body: bytes | None = None, method: str | None = None, **headers: str
    ) -> Any:
        """Return the answer, read. Raises urllib.error.HTTPError."""
        token = next((one.value for one in self.cookies if one.name == "csrftoken"), "") or ""
        known = {"X-Forwarded-For": self.address, "X-CSRFToken": token, "Referer": self.url}
        request = urllib.request.Request(  # noqa: S310 - our own server
            urllib.parse.urljoin(self.url, path), body, known | headers, method=method
        )
        with self.opener.open(request, timeout=ANSWER_SECONDS) as answer:
            answer.read()
        return answer

    def sign_in(self, email: str) -> None:
        """Fill in the form of the sign-in page."""
        self.ask("/accounts/login/")
        form = urllib.parse.urlencode({"login": email, "password": PASSWORD}).encode()
        self.ask("/accounts/login/", form)

    def upload(self, entry: Entry, path: Path) -> None:
        """Send the file as the work's page does: announce it, then its bytes."""
        content, known = path.read_bytes(), {"Tus-Resumable": "1.0.0"}
        name = base64.b64encode(path.name.encode()).decode()
        announced = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"}
        place = self.ask(f"/my/works/{entry.pk}/uploads/", b"", **known, **announced)
        stream = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self.ask(place.headers["Location"], content, "PATCH", **known, **stream)


class Site:
    """The served site, with a browser for each company's person."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.browsers: dict[int, Browser] = {}

    def enter(self, entry: Entry, path: Path, company: Company) -> None:
        """Add the file as the work's next frame; who enters looks at the work before."""
        pk = company.organisation.pk
        if pk not in self.browsers:
            # Of a network of its own: sign-ins from one address are limited.
            browser = Browser(self.url, f"10.{pk >> 16 & 255}.{pk >> 8 & 255}.{pk & 255}")
            browser.sign_in(company.entrant.email)
            self.browsers[pk] = browser
        self.browsers[pk].ask(f"/my/works/{entry.pk}/")
        self.browsers[pk].upload(entry, path)


@contextmanager
def served(place: Place) -> Iterator[Site]:
    """Have the site's own server beside the block. Raises NotServed."""
    address = {"BASE_URL": place.url, "TRUSTED_PROXIES": "1"}
    words = place.folder / "rehearsal-web.log"
    with words.open("ab") as log:
        server = subprocess.Popen(  # noqa: S603
            place.web, stdout=log, stderr=log, env=os.environ | address
        )
        try:
            _wait_for(place.url, words)
            yield Site(place.url)
        finally:
            server.terminate()
            server.wait(STOP_SECONDS)


def _wait_for(url: str, words: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            Browser(url, "10.0.0.0").ask("/accounts/login/")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
        else:
            return
    raise NotServed(f"The web server did not answer; its words are in {words}.")
