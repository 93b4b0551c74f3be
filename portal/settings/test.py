"""Settings of the tests: everything in a temporary folder, mails in memory, fast passwords."""

import atexit
import shutil
import tempfile
from pathlib import Path

from portal.settings.base import *  # noqa: F403
from portal.settings.base import (
    CACHES,
    DATABASES,
    MEDIA_PROCESSING,
    STORAGES,
    TASKS,
    WAGTAILSEARCH_BACKENDS,
    env,
)

TEST_DIR = Path(tempfile.mkdtemp(prefix="portal-test-"))
atexit.register(shutil.rmtree, TEST_DIR, ignore_errors=True)
SECRET_KEY = "only-for-tests-" + "x" * 40
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SMS_GATEWAY = "voting.proofs.sms.ConsoleGateway"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

for _alias in ["default", "originals", "derivatives"]:
    if not env.S3_ORIGINALS_BUCKET:
        STORAGES[_alias]["OPTIONS"]["location"] = TEST_DIR / _alias
MEDIA_PROCESSING["UNFINISHED_DIR"] = TEST_DIR / "unfinished"
PACKAGES_DIR = TEST_DIR / "packages"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# No test is shown the page of another one; the tests of kept pages keep them.
CACHES["pages"] = CACHES["cards"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
MEDIA_ROOT = TEST_DIR / "default"
STATIC_ROOT = TEST_DIR / "static"
STATIC_ROOT.mkdir()  # whitenoise warns when the folder is missing
# Found when they are asked for: each client of a test would begin by reading all folders.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True

# What the admin's search finds is Wagtail's; it costs a third of making the site's pages.
WAGTAILSEARCH_BACKENDS["default"]["AUTO_UPDATE"] = False

if not env.DATABASE_URL:
    # A file, not memory: threads and the live server need connections of their own.
    DATABASES["default"]["NAME"] = TEST_DIR / "db.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": TEST_DIR / "test.sqlite3"}

assert "worker" in TASKS
