"""A small edition, and its association's manager signed in."""

import pytest

from tests.competition.entries.worlds import World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def screener(client, world):
    client.force_login(world.manager)
    return client
