"""Two pairs of hands at once: each step of an award list happens once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from competition.awards.models import AwardList
from competition.awards.services import (
    AwardsRefused,
    confirm_awards,
    propose_awards,
    publish_awards,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(call, times=4):
    """Run the call in many threads together; return "done" or "refused" for each."""
    start = threading.Barrier(times)

    def run(_):
        try:
            start.wait()
            call()
        except AwardsRefused:
            return "refused"
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(run, range(times)))


@pytest.fixture
def ready(transactional_db, world):
    world.category("expert", "jury", 1)
    world.freeze("jury", a=9, b=8)
    return world


def states():
    return list(AwardList.objects.order_by("version").values_list("version", "state"))


def test_proposals_made_at_once_have_versions_of_their_own_and_the_last_stands(ready):
    answers = at_once(lambda: propose_awards(edition=ready.edition, actor=None))
    assert answers == ["done"] * 4
    assert states() == [(1, "replaced"), (2, "replaced"), (3, "replaced"), (4, "proposed")]


def test_a_list_is_confirmed_once_and_published_once(ready):
    pk = propose_awards(edition=ready.edition, actor=None).pk

    def step(verb):
        return at_once(lambda: verb(award_list=AwardList.objects.get(pk=pk), actor=None))

    assert step(confirm_awards) == ["done", "refused", "refused", "refused"]
    assert step(publish_awards) == ["done", "refused", "refused", "refused"]
    assert states() == [(1, "published")]
