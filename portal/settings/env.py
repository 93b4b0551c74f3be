"""Every setting that comes from the environment: its name, type, default and meaning, once.

`docs/settings.md` lists the same variables; a test compares the two.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

_reader = environ.Env()


@dataclass(frozen=True)
class Variable:
    """One environment variable. `cast` is the type its text is read as."""

    name: str
    cast: type
    default: Any
    meaning: str

    def read(self) -> Any:
        """Return the typed value, or the default when the variable is not set.

        Raises ValueError or ImproperlyConfigured when the text does not fit the type.
        """
        return _reader.get_value(self.name, cast=self.cast, default=self.default)


VARIABLES: dict[str, Variable] = {}


def variable(name: str, cast: type, default: Any, meaning: str) -> Any:
    """Declare the variable and return its value."""
    VARIABLES[name] = Variable(name, cast, default, meaning)
    return VARIABLES[name].read()


SECRET_KEY = variable(
    "SECRET_KEY", str, "", "Signs sessions and links. Required in production: 50 random characters."
)
ALLOWED_HOSTS = variable(
    "ALLOWED_HOSTS",
    list,
    ["localhost", "127.0.0.1", "[::1]"],
    "Host names the site answers to, comma-separated.",
)
BASE_URL = variable(
    "BASE_URL",
    str,
    "http://localhost:8000",
    "Address of the site as people type it; used in mails and feeds.",
)
DATA_DIR = variable(
    "DATA_DIR",
    str,
    str(BASE_DIR / "var"),
    "Folder of the embedded database and of the files kept on disk.",
)
DATABASE_URL = variable(
    "DATABASE_URL",
    str,
    "",
    "Database address, e.g. postgres://user:password@host/name. Empty: SQLite in DATA_DIR.",
)
CACHE_URL = variable(
    "CACHE_URL",
    str,
    "",
    "Redis server for counts and cached pages, e.g. redis://host:6379/0. Empty: the database.",
)
TASKS = variable(
    "TASKS",
    str,
    "database",
    "How workers learn of tasks: database (they ask for rows) or celery (BROKER_URL wakes them).",
)
BROKER_URL = variable(
    "BROKER_URL",
    str,
    "",
    "Redis server by which celery wakes workers, e.g. redis://host:6379/1. Empty: CACHE_URL.",
)
S3_ENDPOINT_URL = variable(
    "S3_ENDPOINT_URL", str, "", "Address of the object storage, if it is not Amazon's own."
)
S3_REGION = variable("S3_REGION", str, "us-east-1", "Region of the buckets.")
S3_ACCESS_KEY = variable("S3_ACCESS_KEY", str, "", "Key id for both buckets.")
S3_SECRET_KEY = variable("S3_SECRET_KEY", str, "", "Secret of that key.")
S3_ORIGINALS_BUCKET = variable(
    "S3_ORIGINALS_BUCKET",
    str,
    "",
    "Private bucket of the originals. Empty: all files lie in DATA_DIR.",
)
S3_DERIVATIVES_BUCKET = variable(
    "S3_DERIVATIVES_BUCKET", str, "", "Bucket of what is made from the originals."
)
S3_PUBLIC_URL = variable(
    "S3_PUBLIC_URL",
    str,
    "",
    "Address at which anybody may read the second bucket, e.g. a CDN. Empty: through the site.",
)
FILES_BY = variable(
    "FILES_BY",
    str,
    "site",
    "Who carries files on disk: site, or nginx (X-Accel-Redirect; see docs/operator.md).",
)
EMAIL_URL = variable(
    "EMAIL_URL",
    str,
    "consolemail://",
    "Mail server, e.g. smtp+tls://user:password@host:587. Default prints mails.",
)
DEFAULT_FROM_EMAIL = variable(
    "DEFAULT_FROM_EMAIL", str, "noreply@localhost", "Sender of the site's mails."
)
SITE_NAME = variable(
    "SITE_NAME", str, "摄影与微视频作品征集", "Name of the site in the admin and in mails."
)
TRUSTED_PROXIES = variable(
    "TRUSTED_PROXIES",
    int,
    0,
    "How many proxies of yours stand in front; 0 ignores X-Forwarded-For.",
)
MEDIA_LEASE_SECONDS = variable(
    "MEDIA_LEASE_SECONDS",
    int,
    12,
    "After this many silent seconds a worker counts as dead and its file is taken over.",
)
MEDIA_PHOTO_SECONDS = variable(
    "MEDIA_PHOTO_SECONDS", int, 60, "CPU seconds one photo may take before it is refused."
)
MEDIA_VIDEO_SECONDS = variable(
    "MEDIA_VIDEO_SECONDS", int, 3600, "Wall seconds one transcode may take before it is refused."
)
MEDIA_MEMORY_MB = variable(
    "MEDIA_MEMORY_MB", int, 2048, "Address space in MB allowed to a decoder process."
)
UPLOAD_HOURS = variable(
    "UPLOAD_HOURS",
    int,
    24,
    "Hours after its last byte at which an unfinished upload is given up and removed.",
)
UPLOAD_QUOTA_MB = variable(
    "UPLOAD_QUOTA_MB",
    int,
    20480,
    "MB that the files of one organisation may take in one edition; 0: no limit.",
)
RETENTION_NOTICE_DAYS = variable(
    "RETENTION_NOTICE_DAYS", int, 365, "Days after which a mail that was sent is forgotten."
)
RETENTION_DRAFT_DAYS = variable(
    "RETENTION_DRAFT_DAYS",
    int,
    180,
    "Days after the end of a call at which works that were never submitted are deleted.",
)
SMS_GATEWAY = variable(
    "SMS_GATEWAY",
    str,
    "",
    "Class that sends text messages, e.g. acme.sms.Gateway. Empty: none; development prints.",
)
SMS_REGIONS = variable(
    "SMS_REGIONS",
    list,
    ["CN"],
    "Countries whose mobile numbers may vote; a number without a code is of the first.",
)
WEIXIN_CLIENT_ID = variable(
    "WEIXIN_CLIENT_ID", str, "", "App id of Weixin's open platform. Empty: not offered to voters."
)
WEIXIN_CLIENT_SECRET = variable(
    "WEIXIN_CLIENT_SECRET", str, "", "App secret of Weixin's open platform."
)
OIDC_URL = variable(
    "OIDC_URL", str, "", "Address of an OpenID Connect service. Empty: not offered to voters."
)
OIDC_NAME = variable("OIDC_NAME", str, "OpenID Connect", "Name of that service as voters know it.")
OIDC_CLIENT_ID = variable("OIDC_CLIENT_ID", str, "", "This site's client id at that service.")
OIDC_CLIENT_SECRET = variable(
    "OIDC_CLIENT_SECRET", str, "", "This site's client secret at that service."
)
LOG_FORMAT = variable(
    "LOG_FORMAT",
    str,
    "line",
    "How log lines are written: line (for people) or json (for programs, with one a request).",
)
QUEUE_LAG_LIMIT = variable(
    "QUEUE_LAG_LIMIT",
    int,
    900,
    "Seconds for which a file or mail may wait for a worker before /readyz says so.",
)
METRICS_TOKEN = variable(
    "METRICS_TOKEN",
    str,
    "",
    "Who sends it as bearer token may read /metrics. Empty: nobody, and no request is counted.",
)
PROMETHEUS_MULTIPROC_DIR = variable(
    "PROMETHEUS_MULTIPROC_DIR",
    str,
    "",
    "Folder in which web processes add up their counts, empty at each start. `serve` has its own.",
)
SENTRY_DSN = variable(
    "SENTRY_DSN", str, "", "Address at Sentry, or what speaks like it, for errors. Empty: none."
)
SENTRY_ENVIRONMENT = variable(
    "SENTRY_ENVIRONMENT", str, "production", "Name under which this site's errors stand there."
)
