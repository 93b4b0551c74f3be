"""Refuses half-configured production: what `check --deploy` says before a public site starts.

What settings/production.py refuses while it is imported (the key's length, an address without
https), and what media_processing/checks.py says of the storages, is not said again here.
"""

from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from portal.settings import env

# Keys that stand in files anybody can read, or that nobody has thought about.
KNOWN_KEYS = ("changeme", "only-for-tests", "django-insecure", "secret", "example")
UNCHANGED = "change-me"  # as deploy/production.env.example says
FEWEST_CHARACTERS = 10  # different ones, of at least fifty
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
# Each process would count and keep its own, or nothing.
UNSHARED_CACHES = ("locmem.", "dummy.", "filebased.")
PRINTING_MAIL = ("console.", "locmem.", "dummy.", "filebased.")

Found = Iterator[CheckMessage]


@register(Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """Return what is missing or unsafe for a site that the public may reach."""
    return [message for rule in RULES for message in rule()]


def _debug() -> Found:
    if settings.DEBUG:
        yield Error(
            "DEBUG is on: an error shows visitors the settings and the code.",
            hint="Use DJANGO_SETTINGS_MODULE=portal.settings.production.",
            id="portal.E001",
        )


def _secret_key() -> Found:
    key = settings.SECRET_KEY
    if key.lower().startswith(KNOWN_KEYS) or len(set(key)) < FEWEST_CHARACTERS:
        yield Error(
            "SECRET_KEY can be guessed: who has it signs in as anybody.",
            hint="Make one: head -c 48 /dev/urandom | base64 -w 0",
            id="portal.E002",
        )


def _examples() -> Found:
    names = [name for name in env.VARIABLES if UNCHANGED in str(getattr(env, name, ""))]
    if names:
        yield Error(
            f"Still as in the example, for anybody to read: {', '.join(names)}.",
            hint="Put values of your own where production.env says change-me.",
            id="portal.E009",
        )


def _hosts() -> Found:
    hosts = set(settings.ALLOWED_HOSTS)
    if "*" in hosts:
        yield Error(
            "ALLOWED_HOSTS has *: the site would answer to any name and write it into links.",
            hint="Name the hosts, e.g. ALLOWED_HOSTS=photo.example.org",
            id="portal.E003",
        )
    elif not hosts - LOCAL_HOSTS:
        yield Error(
            "ALLOWED_HOSTS names this machine only: nobody else would get an answer.",
            hint="Name the host of BASE_URL, e.g. ALLOWED_HOSTS=photo.example.org",
            id="portal.E003",
        )


def _cookies() -> Found:
    names = [n for n in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE") if not getattr(settings, n)]
    if names:
        yield Error(
            f"Cookies would travel without https: {', '.join(names)}.",
            hint="Use DJANGO_SETTINGS_MODULE=portal.settings.production.",
            id="portal.E004",
        )


def _cache() -> Found:
    backend = settings.CACHES["default"]["BACKEND"]
    if any(f".{kind}" in backend for kind in UNSHARED_CACHES):
        yield Error(
            "Each process has a cache of its own, so limits of votes and sign-ins would not hold.",
            hint="Set CACHE_URL to a Redis server, or leave it empty: the database counts then.",
            id="portal.E005",
        )


def _mail() -> Found:
    if any(f".{kind}" in settings.EMAIL_BACKEND for kind in PRINTING_MAIL):
        yield Error(
            "No mail would leave: nobody could confirm an address or get a code.",
            hint="Set EMAIL_URL, e.g. smtp+tls://user:password@mail.example.org:587",
            id="portal.E006",
        )
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    if address.partition("@")[2] in ("", "localhost"):
        yield Error(
            f"Mails would come from {settings.DEFAULT_FROM_EMAIL}, which mail servers refuse.",
            hint="Set DEFAULT_FROM_EMAIL to an address of your domain.",
            id="portal.E007",
        )


def _buckets() -> Found:
    names = ["S3_ORIGINALS_BUCKET", "S3_DERIVATIVES_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"]
    others = ["S3_ENDPOINT_URL", "S3_PUBLIC_URL"]
    missing = [name for name in names if not getattr(env, name)]
    if missing and any(getattr(env, name) for name in names + others):
        yield Error(
            f"The object storage is set by half: {', '.join(missing)} missing.",
            hint="Set all S3_* variables of docs/settings.md, or none.",
            id="portal.E008",
        )


def _one_machine() -> Found:
    shared = env.TASKS == "celery" or bool(env.S3_ORIGINALS_BUCKET)
    if shared and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Warning(
            "SQLite is a file of one machine: other hosts' workers would not see its rows.",
            hint="Set DATABASE_URL to a PostgreSQL server before a second host joins.",
            id="portal.W001",
        )


def _proxies() -> Found:
    if not settings.TRUSTED_PROXIES:
        yield Warning(
            "TRUSTED_PROXIES is 0: behind a proxy every voter has one address, and pages redirect "
            "to themselves.",
            hint="Set TRUSTED_PROXIES=1 behind nginx; leave 0 only if the site ends TLS itself.",
            id="portal.W002",
        )


RULES: tuple[Callable[[], Found], ...] = (
    _debug,
    _secret_key,
    _examples,
    _hosts,
    _cookies,
    _cache,
    _mail,
    _buckets,
    _one_machine,
    _proxies,
)
