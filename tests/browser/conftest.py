"""A real Chromium against a real server on a real database file."""

import hashlib
import re
import signal
import time
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from threading import get_ident

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from playwright.sync_api import Page as BrowserPage
from wagtail.models import Locale, Page

from media_processing import multipart
from media_processing.models import Derivative
from media_processing.storage import derivatives
from tests.browser.chromium import DESK, FLAGS, PHONE, find_chromium

HERE = Path(__file__).parent
LAST_ANSWERS_SECONDS = 10


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


# A busy machine is slow, not wrong.
PATIENCE = 60_000  # milliseconds
expect.set_options(timeout=PATIENCE)


def expect_to_fit(phone: BrowserPage) -> None:
    """Nothing sticks out of the screen. (Asked of a document that may still be on its way.)"""
    expect(phone.locator("html"), phone.url).to_have_js_property("scrollWidth", PHONE["width"])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def _last_answers(live_server) -> Iterator[None]:
    """Let the server end what closed windows asked last, before the tables are emptied.

    PostgreSQL empties all tables in one go: it and a request that still reads them would
    wait for one another. A request that never ends is not waited for.
    """
    at_work: set[int] = set()

    def begin(sender: type, **_: object) -> None:
        if issubclass(sender, WSGIHandler):  # not one of the test's own client
            at_work.add(get_ident())

    def end(**_: object) -> None:
        at_work.discard(get_ident())

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    patience = time.monotonic() + LAST_ANSWERS_SECONDS
    while at_work and time.monotonic() < patience:
        time.sleep(0.02)
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def site(live_server, settings, _last_answers):
    """The running site's address; nothing of an earlier test is left in its cache."""
    settings.WAGTAILADMIN_BASE_URL = live_server.url
    cache.clear()
    if multipart.is_offered():  # browsers send files to the bucket, from this address
        call_command("prepare_buckets", stdout=StringIO())
    return live_server.url


@pytest.fixture
def open_context(browser: Browser, site: str) -> Iterator[Callable[..., BrowserContext]]:
    """Give windows of their own to people; fail the test when a page complained of anything.

    Complaints are console errors (a broken content security policy is one), uncaught
    JavaScript exceptions and answers of 500 and above.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(page: BrowserPage) -> None:
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                # A vote refused for now: the script reads why, and goes on.
                and "409 (Conflict)" not in message.text
                and complaints.append(f"{message.text} {message.location.get('url', '')}")
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response",
            lambda answer: (
                answer.status >= 500 and complaints.append(f"{answer.status} {answer.url}")
            ),
        )

    def open_one(viewport: dict[str, int] = DESK, **options: object) -> BrowserContext:
        context = browser.new_context(viewport=viewport, base_url=site, locale="zh-CN", **options)
        context.set_default_timeout(PATIENCE)
        context.on("page", listen)
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_context) -> BrowserPage:
    """A stranger's window on a desk."""
    return open_context().new_page()


@pytest.fixture
def window(browser: Browser, site: str) -> Iterator[BrowserPage]:
    """A window that may complain of a lost connection; uncaught errors still fail the test."""
    errors: list[str] = []
    context = browser.new_context(viewport=DESK, base_url=site, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def phone(open_context) -> BrowserPage:
    """A stranger's phone, 390 pixels wide."""
    return open_context(PHONE, has_touch=True, is_mobile=True).new_page()


@pytest.fixture
def sign_in(site: str) -> Callable:
    """Sign a person in without the form: their window gets the session's cookie."""

    def put_cookie(page: BrowserPage, user) -> None:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])

    return put_cookie


@pytest.fixture
def run_worker(site: str) -> Callable[[], None]:
    """Do all the work that waits in the queues, as the worker process does, then return."""

    def run() -> None:
        kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        call_command("worker", "--until-idle")
        for number, handler in kept.items():
            signal.signal(number, handler)

    return run


@pytest.fixture
def link_in_last_mail(mailoutbox) -> Callable[[], str]:
    """Return the first address in the newest mail."""
    return lambda: re.search(r"https?://\S+", mailoutbox[-1].body).group()


@pytest.fixture
def root_page(db):
    """The root of Wagtail's tree, which emptying the database between tests takes away."""
    Locale.objects.get_or_create(language_code="zh-hans")
    return Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))


@pytest.fixture
def draw() -> Callable[[], None]:
    """Give every derivative of a factory's asset its file: a picture of the row's size."""

    def draw_all() -> None:
        for derivative in Derivative.objects.all():
            content = BytesIO()
            size = (derivative.width, derivative.height)
            Image.new("RGB", size, "teal").save(content, "WEBP")
            digest = hashlib.sha256(content.getvalue()).hexdigest()
            name = f"{digest[:2]}/{digest}.webp"
            derivative.file = derivatives().save(name, ContentFile(content.getvalue()))
            derivative.save()

    return draw_all
