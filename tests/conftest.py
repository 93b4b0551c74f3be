"""Fixtures that every test may use."""

import os

import pytest
from django.core.management import call_command

# Playwright's sync API runs an event loop; the ORM is called outside of it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Add the cache's table to the test database."""
    with django_db_blocker.unblock():
        call_command("createcachetable")


@pytest.fixture(autouse=True)
def _own_site(settings, tmp_path):
    """No test sees the last one's language."""
    from django.utils import translation

    translation.activate("zh-hans")
    yield
    translation.deactivate()
