"""The small edition, and its bundle, made once for all tests."""

from functools import cache

import pytest

from tests.portal.results.bundle.worlds import a_final_world


@pytest.fixture
def world(db):
    return a_final_world()


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory):
    """The rows are gone after the test that asks first; the file stays."""
    folder = tmp_path_factory.mktemp("bundle")
    return cache(lambda: a_final_world().bundle(folder)[1])


@pytest.fixture
def bundle(db, _made_once):
    """The file of the final results."""
    return _made_once()
