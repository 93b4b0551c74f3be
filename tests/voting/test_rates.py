"""The limits as a real Redis counts them, and votes while it is away."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.test import RequestFactory, override_settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers import redis
from voting import rates
from voting.models import Ballot
from voting.rates import is_too_fast


@pytest.fixture(scope="module")
def server():
    with redis() as running:
        yield running


@pytest.fixture
def _counts_in_redis(server):
    options = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 1)}
    backend = "portal.cache.ForgivingRedisCache"
    redis_cache = {"BACKEND": backend, "LOCATION": server.url, "OPTIONS": options}
    rates._line.cache_clear()
    with override_settings(CACHE_URL=server.url, CACHES={"default": redis_cache}):
        yield
    rates._line.cache_clear()


@pytest.fixture
def counting(server, _counts_in_redis):
    """Nothing counted yet."""
    with Redis.from_url(server.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def without_redis(server, counting):
    server.stop()
    yield server
    if server.server.poll() is not None:
        server.start()


def asked(**who):
    request = RequestFactory().post("/")
    return is_too_fast(request, **({"address": "a", "device": "d"} | who))


@pytest.mark.usefixtures("counting")
def test_each_of_the_three_has_its_limit(monkeypatch):
    monkeypatch.setattr(rates, "ADDRESS_LIMIT", 4)
    monkeypatch.setattr(rates, "VOTER_LIMIT", 2)
    assert [asked(device="one") for _ in range(3)] == [False, False, True]
    assert [asked(device="two"), asked(device="three")] == [False, True]  # the address's fifth
    assert asked(address="b", device="four", account="7") is False
    assert asked(address="b", device="five", account="7") is False
    assert asked(address="b", device="six", account="7") is True


def test_a_count_lasts_a_minute_from_its_first_vote_and_names_nobody(counting):
    asked(address="198.51.100.7", device="token", account="7")
    keys = counting.keys()
    assert len(keys) == 3
    assert all(50 < counting.ttl(key) <= 60 for key in keys)
    counting.expire(keys[0], 30)
    asked(address="198.51.100.7", device="token", account="7")
    assert counting.ttl(keys[0]) <= 30
    assert not any(b"198.51" in key or b"token" in key for key in keys)


def test_all_counts_of_a_vote_are_one_command(counting):
    asked()  # the connection is there
    before = counting.info("commandstats")["cmdstat_eval"]["calls"]
    asked(account="7")
    assert counting.info("commandstats")["cmdstat_eval"]["calls"] == before + 1


@pytest.mark.usefixtures("counting")
def test_no_count_is_lost_between_threads(monkeypatch):
    monkeypatch.setattr(rates, "VOTER_LIMIT", 100)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: asked(), range(120)))
    assert answers.count(False) == 100


def vote(client, entry, **more):
    return client.post(f"/en/vote/2026/{entry.number}/", **more)


@pytest.mark.django_db
def test_while_redis_is_away_no_vote_is_taken_and_the_script_is_told(client, entry, without_redis):
    response = vote(client, entry, headers={"accept": "application/json"})
    assert (response.status_code, response.json()["code"]) == (503, "not_now")
    assert response.headers["Retry-After"] == "10"
    assert not Ballot.objects.exists()
    without_redis.start()
    assert vote(client, entry, headers={"accept": "application/json"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("without_redis")
def test_without_a_script_one_reads_it_on_a_page_that_leads_back(client, entry):
    response = vote(client, entry, data={"next": "/gallery/"})
    assert response.status_code == 503
    assert "Please try again in a moment" in response.content.decode()
    assert 'href="/gallery/"' in response.content.decode()


@pytest.mark.usefixtures("without_redis")
def test_pages_do_without_the_cache_and_counts_fail(caplog):
    with caplog.at_level(logging.WARNING, "portal.cache"):
        cache.set("x", 1)
        assert cache.get("x", "nothing") == "nothing"
        assert cache.get_many(["x"]) == {}
        assert cache.set_many({"x": 1}) == ["x"]
        assert cache.add("x", 1) is False
        assert cache.delete("x") is False
        with pytest.raises(ValueError, match="cannot be counted"):
            cache.incr("x")
    assert len(caplog.records) == 7


@pytest.mark.usefixtures("counting")
def test_with_redis_the_cache_is_a_cache():
    cache.set("x", 1)
    assert cache.incr("x", 2) == 3
    assert cache.get("x") == 3
