"""The cache that rate limits count in: no count is lost, none lives longer than it should."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.utils import timezone

THREADS, TIMES = 8, 100


@pytest.fixture(autouse=True)
def _empty(db, settings):
    in_database = {"BACKEND": "portal.cache.AtomicDatabaseCache", "LOCATION": "cache_entries"}
    settings.CACHES = {**settings.CACHES, "default": in_database}
    cache.clear()
    yield
    cache.clear()


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache_entries")
        return {row[0] for row in cursor.fetchall()}


def expire(key):
    """Make the key's time be over, without waiting."""
    past = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(seconds=5))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cache_entries SET expires = %s WHERE cache_key = %s",
            [past, cache.make_key(key)],
        )


def count_in_threads(counter):
    """Let every thread count TIMES, all beginning at once; return the last value."""
    counter.set("votes", 0, 600)
    start = threading.Barrier(THREADS, timeout=60)

    def count():
        try:
            start.wait()
            for _ in range(TIMES):
                counter.incr("votes")
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(count) for _ in range(THREADS)]:
            done.result()
    return counter.get("votes")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_when_many_threads_count_at_once():
    assert count_in_threads(cache) == THREADS * TIMES


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_the_stock_cache_loses_counts():
    """Without our incr the same race loses counts: the test above does test something."""
    stock = DatabaseCache("cache_entries", {})
    stock.set("votes", 0, 600)
    both_have_read = threading.Barrier(2, timeout=60)
    read = stock.get

    def read_together(*args, **kwargs):
        value = read(*args, **kwargs)
        both_have_read.wait()
        return value

    stock.get = read_together

    def count():
        try:
            stock.incr("votes")
        finally:
            connection.close()

    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read("votes") == 1


def test_incr_returns_the_sum_and_keeps_the_value():
    cache.set("votes", 40, 600)
    assert cache.incr("votes") == 41
    assert cache.incr("votes", 9) == 50
    assert cache.decr("votes", 8) == 42
    assert cache.get("votes") == 42


def test_incr_of_a_missing_or_expired_key_is_refused():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("votes")
    cache.set("votes", 1, 600)
    expire("votes")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("votes")


def test_incr_does_not_lengthen_the_key_s_life():
    def life():
        with connection.cursor() as cursor:
            cursor.execute("SELECT expires FROM cache_entries")
            return cursor.fetchone()[0]

    cache.add("votes", 1, 600)
    before = life()
    cache.incr("votes")
    assert life() == before


def test_an_expired_count_begins_anew():
    cache.add("votes", 7, 600)
    assert not cache.add("votes", 1, 600)
    expire("votes")
    assert cache.add("votes", 1, 600)
    assert cache.get("votes") == 1


def test_many_keys_throw_no_live_count_away(monkeypatch):
    """The stock cache culls live keys: whoever makes many would lift every rate limit."""
    monkeypatch.setattr(caches["default"], "_max_entries", 3)
    for number in range(6):
        cache.add(f"address-{number}", number, 600)
    expire("address-0")
    cache.add("one-more", 1, 600)
    assert [cache.get(f"address-{number}") for number in range(1, 6)] == [1, 2, 3, 4, 5]
    assert cache.make_key("address-0") not in rows()
