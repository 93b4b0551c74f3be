"""A small edition, and its entrant signed in."""

import pytest

from tests.competition.entries.worlds import World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def entrant(client, world):
    client.force_login(world.entrant)
    return client
