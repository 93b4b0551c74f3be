"""Fixtures that every test may use."""

import os
from contextlib import ExitStack, suppress
from datetime import UTC

import hypothesis
import pytest
import time_machine
from botocore.auth import SIGV4_TIMESTAMP, S3SigV4Auth
from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import override_settings

from tests.servers import Buckets, free_port, object_storage
from tests.storages import on_disk

# A red run is to say that the code has changed, not that the machine was slow or the dice fell
# otherwise. To throw them: --hypothesis-profile=default.
hypothesis.settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")

# Playwright's sync API runs an event loop; the ORM is called outside of it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, _own_redis):
    """Add the table of the cache in the database, which its own tests need with Redis too."""
    with django_db_blocker.unblock():
        call_command("createcachetable", "cache_entries")


@pytest.fixture(scope="session", autouse=True)
def _buckets(worker_id):
    """With an object storage: buckets of this process alone, and of the programs it starts."""
    for alias, variable in [
        ("default", "S3_ORIGINALS_BUCKET"),
        ("originals", "S3_ORIGINALS_BUCKET"),
        ("derivatives", "S3_DERIVATIVES_BUCKET"),
    ]:
        storage = storages[alias]
        if on_disk(storage):
            continue
        storage.bucket_name = f"{storage.bucket_name}-{worker_id}"
        settings.STORAGES[alias]["OPTIONS"]["bucket_name"] = storage.bucket_name
        os.environ[variable] = storage.bucket_name
        storage.client.create_bucket(Bucket=storage.bucket_name)


@pytest.fixture(scope="session")
def buckets(worker_id):
    """Two empty buckets for tests that need a real object storage, whatever the suite runs on."""
    with ExitStack() as stack:
        address = os.environ.get("S3_ENDPOINT_URL")
        own = Buckets(address or stack.enter_context(object_storage()).url, f"-real-{worker_id}")
        own.make()
        yield own


@pytest.fixture(scope="session", autouse=True)
def _buckets_do_not_travel():
    """A test travels in time, the server does not: it is asked with the time that it has."""
    prepare = S3SigV4Auth._modify_request_before_signing

    def at_the_true_time(self, request):
        if time_machine.escape_hatch.is_travelling():
            now = time_machine.escape_hatch.datetime.datetime.now(UTC)
            request.context["timestamp"] = now.strftime(SIGV4_TIMESTAMP)
        prepare(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3SigV4Auth, "_modify_request_before_signing", at_the_true_time)
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_redis(worker_id):
    """Test processes side by side hear no bells of one another, and count apart; Redis has 16."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    if settings.CACHE_URL:
        place = _database_of(settings.CACHE_URL, 2 * number)
        settings.CACHE_URL = os.environ["CACHE_URL"] = place
        settings.CACHES["default"]["LOCATION"] = place
        with suppress(AttributeError):  # a line to the shared one, opened before the tests began
            del caches["default"]
    if settings.BROKER_URL:
        settings.BROKER_URL = _database_of(settings.BROKER_URL, 2 * number + 1)


@pytest.fixture
def cache_away():
    """The cache that counts is a Redis that does not answer."""
    place = f"redis://127.0.0.1:{free_port()}"
    away = {"BACKEND": "portal.cache.ForgivingRedisCache", "LOCATION": place, "OPTIONS": {}}
    with override_settings(CACHES={**settings.CACHES, "default": away}):
        yield


def _database_of(url, number):
    return f"{url.rpartition('/')[0]}/{number}"


@pytest.fixture(autouse=True)
def _own_site(settings, tmp_path):
    """No test sees the last one's language, or its polls."""
    from django.utils import translation

    from voting.terms import forget_polls

    forget_polls()
    translation.activate("zh-hans")
    yield
    translation.deactivate()
