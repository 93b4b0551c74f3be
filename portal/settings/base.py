"""Settings common to every way of running the site. What differs comes from env.py."""

from http import HTTPStatus
from logging import LogRecord
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.log import CallbackFilter
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.settings import env

BASE_DIR = env.BASE_DIR
DATA_DIR = Path(env.DATA_DIR)

SECRET_KEY = env.SECRET_KEY
DEBUG = False
ALLOWED_HOSTS = env.ALLOWED_HOSTS
SITE_NAME = env.SITE_NAME

INSTALLED_APPS = [
    "portal",
    "portal.pages",
    "portal.notifications",
    "portal.results",
    "voting",
    "competition",
    "media_processing",
    "portal.accounts",
    "wagtail.contrib.simple_translation",
    "wagtail.contrib.settings",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "storages",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.weixin",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "portal.monitoring.probes.Probes",
    "portal.monitoring.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.AdminContentSecurityPolicy",
    "portal.middleware.NothingHasANul",
    "portal.permissions.AssociationManagersDoor",
    "voting.middleware.VoterCookie",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
if env.METRICS_TOKEN:
    MIDDLEWARE.insert(2, "django_prometheus.middleware.PrometheusBeforeMiddleware")
    MIDDLEWARE.append("portal.monitoring.counting.RequestCounter")

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.site",
            ],
        },
    }
]

# --- Database: SQLite on one machine, PostgreSQL by DATABASE_URL ---------------------------

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # FULL: an acknowledged ballot is on disk.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}

if env.DATABASE_URL:
    DATABASES = {"default": environ.Env.db_url_config(env.DATABASE_URL)}
    DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "db.sqlite3",
            "OPTIONS": SQLITE_OPTIONS,
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: shared by all processes, counts atomically (rate limits need both) -------------

CACHE_URL = env.CACHE_URL
if CACHE_URL:
    CACHES = {
        "default": {
            "BACKEND": "portal.cache.ForgivingRedisCache",
            "LOCATION": CACHE_URL,
            # A request does not wait long for a cache; once more, for a server just restarted.
            "OPTIONS": {
                "socket_connect_timeout": 0.5,
                "socket_timeout": 0.5,
                "retry": Retry(NoBackoff(), 1),
            },
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "portal.cache.AtomicDatabaseCache",
            "LOCATION": "cache_entries",
        }
    }
# Whole pages for who is not signed in. Each process has its own: they live half a minute,
# nothing is counted in them, and no other store gives 100 kB as fast.
CACHES["pages"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "pages",
    "OPTIONS": {"MAX_ENTRIES": 300},
}
# Works as cards, of some 2 kB: those looked at last.
CACHES["cards"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "cards",
    "OPTIONS": {"MAX_ENTRIES": 6000},
}
RATELIMIT_USE_CACHE = "default"
# The check knows Django's own classes only; portal.cache is atomic, its test proves it.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.TRUSTED_PROXIES

# --- Files: two storages, not two folders ---------------------------------------------------

STORAGES = {
    "default": {
        "BACKEND": "media_processing.storage.SiteFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "site-media", "base_url": "/media/"},
    },
    "originals": {
        "BACKEND": "media_processing.storage.PrivateFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "originals"},
    },
    "derivatives": {
        "BACKEND": "media_processing.storage.DerivativeFileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "derivatives", "base_url": "/derivatives/"},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

S3 = {
    "endpoint_url": env.S3_ENDPOINT_URL or None,
    "region_name": env.S3_REGION,
    "access_key": env.S3_ACCESS_KEY,
    "secret_key": env.S3_SECRET_KEY,
    "default_acl": None,
    "querystring_expire": 600,
}
# Where browsers send originals; boto3 names the bucket in the path or before the host.
UPLOAD_ORIGINS: list[str] = []
if env.S3_ORIGINALS_BUCKET:
    _host = urlsplit(env.S3_ENDPOINT_URL or f"https://s3.{env.S3_REGION}.amazonaws.com")
    _names = [_host.netloc, f"{env.S3_ORIGINALS_BUCKET}.{_host.netloc}"]
    if not env.S3_ENDPOINT_URL:
        _names.append(f"{env.S3_ORIGINALS_BUCKET}.s3.amazonaws.com")
    UPLOAD_ORIGINS = [f"{_host.scheme}://{name}" for name in _names]
    STORAGES |= {
        "default": {
            "BACKEND": "media_processing.object_storage.SiteS3Storage",
            "OPTIONS": {
                **S3,
                "bucket_name": env.S3_ORIGINALS_BUCKET,
                "location": "site-media",
                "base_url": "/media/",
            },
        },
        "originals": {
            "BACKEND": "media_processing.object_storage.PrivateS3Storage",
            "OPTIONS": {**S3, "bucket_name": env.S3_ORIGINALS_BUCKET, "location": "originals"},
        },
        "derivatives": {
            "BACKEND": "media_processing.object_storage.DerivativeS3Storage",
            "OPTIONS": {
                **S3,
                "bucket_name": env.S3_DERIVATIVES_BUCKET,
                "location": "derivatives",
                "base_url": "/derivatives/",
                "public_url": env.S3_PUBLIC_URL,
            },
        },
    }
FILES_BY = env.FILES_BY
if FILES_BY == "nginx" and not env.S3_ORIGINALS_BUCKET:
    # It runs as a user of its own, in this site's group.
    STORAGES["originals"]["OPTIONS"] |= {
        "file_permissions_mode": 0o640,
        "directory_permissions_mode": 0o750,
    }
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "site-media"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static"]
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

MEDIA_PROCESSING = {
    "LEASE_SECONDS": env.MEDIA_LEASE_SECONDS,
    "PHOTO_SECONDS": env.MEDIA_PHOTO_SECONDS,
    "VIDEO_SECONDS": env.MEDIA_VIDEO_SECONDS,
    "MEMORY_MB": env.MEDIA_MEMORY_MB,
    "UPLOAD_HOURS": env.UPLOAD_HOURS,
    # Beside the originals: a complete upload is moved there, not copied.
    "UNFINISHED_DIR": DATA_DIR / "unfinished",
}
# Parts of packages that are being made; on the disk of the originals, so the end is a rename.
PACKAGES_DIR = DATA_DIR / "packages"
UPLOAD_QUOTA_MB = env.UPLOAD_QUOTA_MB
RETENTION_NOTICE_DAYS = env.RETENTION_NOTICE_DAYS
RETENTION_DRAFT_DAYS = env.RETENTION_DRAFT_DAYS

# --- Tasks: rows in the database; a `worker` process runs them ------------------------------

TASK_ENGINES = {
    "database": "django_tasks_db.DatabaseBackend",
    "celery": "media_processing.bells.CeleryBackend",
}
if env.TASKS not in TASK_ENGINES:
    raise ImproperlyConfigured(f"TASKS must be database or celery, not {env.TASKS!r}.")
# Where Celery rings for a task that waits; on the engine of the database nobody rings.
BROKER_URL = (env.BROKER_URL or env.CACHE_URL) if env.TASKS == "celery" else ""
if env.TASKS == "celery" and not BROKER_URL.startswith(("redis://", "rediss://")):
    raise ImproperlyConfigured("TASKS=celery needs a Redis server in BROKER_URL or CACHE_URL.")
TASKS = {
    # Wagtail queues its search and reference indexing here; it stays in the request.
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    "worker": {
        "BACKEND": TASK_ENGINES[env.TASKS],
        "QUEUES": ["notices", "photos", "videos", "packages"],
    },
}

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.SignupForm"
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

vars().update(environ.Env.email_url_config(env.EMAIL_URL))
DEFAULT_FROM_EMAIL = env.DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 10  # seconds; a voter waits for the code

# --- Voters: they prove who they are, and get no account ---------------------------------------

SMS_GATEWAY = env.SMS_GATEWAY
SMS_REGIONS = env.SMS_REGIONS
SOCIALACCOUNT_ADAPTER = "voting.proofs.account.VoterAdapter"
# A link begins it, since the policy's form-action lets no form lead to another site. Nobody is
# signed in to this site by it, so there is nothing to forge.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "weixin": {
        "APPS": [
            {"client_id": env.WEIXIN_CLIENT_ID, "secret": env.WEIXIN_CLIENT_SECRET},
        ][: bool(env.WEIXIN_CLIENT_ID)],
    },
    "openid_connect": {
        "SCOPE": ["openid"],
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "voters",
                "name": env.OIDC_NAME,
                "client_id": env.OIDC_CLIENT_ID,
                "secret": env.OIDC_CLIENT_SECRET,
                "settings": {"server_url": env.OIDC_URL, "fetch_userinfo": False},
            },
        ][: bool(env.OIDC_URL)],
    },
}

# --- Languages and time ---------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale", BASE_DIR / "portal" / "locale_of_wagtail"]
USE_I18N = True
WAGTAIL_I18N_ENABLED = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Wagtail --------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = env.SITE_NAME
WAGTAILADMIN_BASE_URL = env.BASE_URL
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAILADMIN_LOGIN_URL = "/accounts/login/"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None

# --- Security -------------------------------------------------------------------------------


def origins_of(address: str) -> list[str]:
    """Return the origin of an address as a policy names it; none when there is no address."""
    return [f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"] if address else []


# Where a browser gets files from besides this site.
FILE_ORIGINS = origins_of(env.S3_PUBLIC_URL)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *FILE_ORIGINS],
        "media-src": [SELF, "blob:", *FILE_ORIGINS],
        "connect-src": [SELF, *FILE_ORIGINS, *UPLOAD_ORIGINS],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = False

# --- Watching: probes, metrics, errors -------------------------------------------------------

QUEUE_LAG_LIMIT = env.QUEUE_LAG_LIMIT
METRICS_TOKEN = env.METRICS_TOKEN
SENTRY_DSN = env.SENTRY_DSN
SENTRY_ENVIRONMENT = env.SENTRY_ENVIRONMENT

# --- Logging --------------------------------------------------------------------------------

LOG_FORMAT = env.LOG_FORMAT


def is_amiss(record: LogRecord) -> bool:
    """Tell whether a line of django.request is worth a look."""
    return getattr(record, "status_code", None) != HTTPStatus.CONFLICT


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "portal.monitoring.logs.Line"},
        "json": {"()": "portal.monitoring.logs.JsonLine"},
    },
    # A vote refused by the rules (409) is an answer like others; thousands a day are nothing amiss.
    "filters": {"no_conflicts": {"()": CallbackFilter, "callback": is_amiss}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"level": "INFO"} for name in ["portal", "competition", "voting", "media_processing"]
    }
    | {"django.request": {"filters": ["no_conflicts"]}},
}
