"""Two people who issue the certificates at once issue them once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from portal.results import certificates
from portal.results.models import Certificate
from portal.results.printing import print_sheet
from tests.portal.results.test_printing import SHEET

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(call, times):
    """Run the call in many threads together; return what each returned, or "refused"."""
    start = threading.Barrier(times, timeout=60)

    def run(_):
        try:
            start.wait()
            return call()
        except IntegrityError:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(run, range(times)), key=str)


def test_issued_by_many_at_once_each_award_has_one(transactional_db, results):
    for _ in range(3):
        results.award()
    assert at_once(results.issue, 4) == [0, 0, 0, 3]
    assert Certificate.objects.count() == 3


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_control_without_the_lock_only_the_database_stops_the_second(
    transactional_db, results, monkeypatch
):
    results.award()
    looked = threading.Barrier(2, timeout=60)
    look = certificates._without

    def look_together(award_list):
        found = list(look(award_list))
        looked.wait()
        return found

    monkeypatch.setattr(certificates, "lock", lambda award_list: None)
    monkeypatch.setattr(certificates, "_without", look_together)
    assert at_once(results.issue, 2) == [1, "refused"]


def test_printed_by_many_at_once_each_gets_the_whole_sheet():
    sizes = at_once(lambda: len(print_sheet(SHEET)), 3)
    assert len(set(sizes)) == 1
