"""Two pairs of hands at once: each step of an award list happens once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from competition.awards.models import AwardList, Objection, Replacement
from competition.awards.notice import begin_notice
from competition.awards.objections import raise_objection, reject_objection, uphold_objection
from competition.awards.services import (
    AwardsRefused,
    confirm_awards,
    propose_awards,
    publish_awards,
)
from tests.competition.awards.conftest import awards_by_code
from tests.factories import ObjectionFactory, open_phase

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(call, times=4):
    """Run the call in many threads together; return "done" or "refused" for each."""
    start = threading.Barrier(times, timeout=60)

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


@pytest.fixture
def noticed_list(ready):
    open_phase(ready.edition, "notice")
    award_list = propose_awards(edition=ready.edition, actor=None)
    confirm_awards(award_list=award_list, actor=None)
    return begin_notice(award_list=award_list, actor=None)


def test_an_objection_is_upheld_once_and_one_work_moves_up(ready, noticed_list):
    pk = ObjectionFactory(edition=ready.edition, entry=ready.work("a")).pk

    def uphold():
        objection = Objection.objects.get(pk=pk)
        uphold_objection(objection=objection, answer="属实。", actor=None)

    assert at_once(uphold) == ["done", "refused", "refused", "refused"]
    assert Replacement.objects.count() == 1
    assert awards_by_code(noticed_list) == {"expert": ["b"]}


def test_two_organisers_who_disagree_settle_it_one_way(ready, noticed_list):
    pk = ObjectionFactory(edition=ready.edition, entry=ready.work("a")).pk
    verbs = iter([uphold_objection, reject_objection] * 2)

    def settle():
        next(verbs)(objection=Objection.objects.get(pk=pk), answer="如此。", actor=None)

    assert at_once(settle) == ["done", "refused", "refused", "refused"]
    upheld = Objection.objects.get(pk=pk).state == "upheld"
    assert awards_by_code(noticed_list) == {"expert": ["b" if upheld else "a"]}
    assert Replacement.objects.exists() == upheld


def test_objections_that_come_at_once_have_numbers_of_their_own(ready, noticed_list):
    def object_to_it():
        raise_objection(
            edition=ready.edition, entry=None, ground="other", text="有异议", name="", email=""
        )

    assert at_once(object_to_it) == ["done"] * 4
    assert sorted(Objection.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_what_is_published_has_no_objection_that_waits(ready, noticed_list):
    """Objections come while the period ends and the organiser publishes."""
    steps = iter(["object", "end and publish"] * 2)

    def step():
        if next(steps) == "object":
            raise_objection(
                edition=ready.edition, entry=None, ground="other", text="异议", name="", email=""
            )
        else:
            ready.edition.phases.update(closes_at=timezone.now())
            award_list = AwardList.objects.get(pk=noticed_list.pk)
            publish_awards(award_list=award_list, actor=None)

    at_once(step)
    noticed_list.refresh_from_db()
    waits = Objection.objects.filter(state="received").exists()
    assert (noticed_list.state == "published") != waits
