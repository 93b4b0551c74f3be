"""What passes by itself is told apart from mistakes, and answered in words."""

import errno

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import Client, override_settings
from django.urls import path, reverse

from portal.outages import is_disk_full, is_outage
from tests.factories import PASSWORD, UserFactory
from tests.servers import redis


def storage_says(status, code="Whatever"):
    answer = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}
    return ClientError(answer, "PutObject")


def caused_by(cause):
    error = RuntimeError("further up")
    error.__cause__ = cause
    return error


FULL = OSError(errno.ENOSPC, "No space left on device")
OUTAGES = [
    OperationalError("server closed the connection"),
    InterfaceError("connection already closed"),
    EndpointConnectionError(endpoint_url="http://storage"),
    storage_says(503),
    storage_says(500),
    storage_says(403, "RequestTimeTooSkewed"),
    FULL,
    OSError(errno.EDQUOT, "Disk quota exceeded"),
]
MISTAKES = [
    ProgrammingError("no such column"),
    storage_says(403, "AccessDenied"),
    storage_says(404, "NoSuchKey"),
    OSError(errno.EACCES, "Permission denied"),
    ValueError("no number"),
]


@pytest.mark.parametrize("error", OUTAGES)
def test_what_passes_by_itself_is_an_outage_however_far_down_it_is(error):
    assert is_outage(error)
    assert is_outage(caused_by(caused_by(error)))


@pytest.mark.parametrize("error", MISTAKES)
def test_a_mistake_of_ours_is_none(error):
    assert not is_outage(error)
    assert not is_outage(caused_by(error))


def test_a_full_disk_is_told_apart():
    assert is_disk_full(caused_by(FULL))
    assert not is_disk_full(OperationalError())


# --- the answer -------------------------------------------------------------------------------

urlpatterns = [
    path(f"{n}/", lambda request, e=e: _raise(e))
    for n, e in enumerate([OperationalError("away"), FULL, ValueError("a mistake")])
]
handler500 = "portal.unavailable.server_error"


def _raise(error):
    raise error


@pytest.fixture
def visitor():
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield Client(raise_request_exception=False)


@pytest.mark.parametrize(("place", "status"), [("/0/", 503), ("/1/", 507)])
def test_a_visitor_reads_what_is_kept_and_when_to_come_again(visitor, place, status):
    answer = visitor.get(place, headers={"accept": "text/html"})
    assert (answer.status_code, answer["Retry-After"]) == (status, "10")
    assert answer["Cache-Control"] == "no-store"
    assert "此前已保存的内容不受影响" in answer.content.decode()
    assert "what was saved before is safe" in answer.content.decode()


def test_a_script_is_told_the_same(visitor):
    answer = visitor.get("/0/", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (503, "not_now")
    assert answer.json()["message"]


def test_a_mistake_of_ours_stays_500(visitor):
    answer = visitor.get("/2/", headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert "Retry-After" not in answer


# --- signing in while nobody can be counted ----------------------------------------------------

FAST = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}


def sign_in(user, password=PASSWORD):
    form = {"login": user.email, "password": password}
    return Client().post("/accounts/login/", form, headers={"accept": "text/html"})


def test_who_signs_in_is_told_that_the_site_cannot_not_that_they_were_fast(db):
    user = UserFactory()
    with redis() as server:
        backend = {"BACKEND": "portal.cache.ForgivingRedisCache", "LOCATION": server.url}
        with override_settings(CACHES={"default": {**backend, "OPTIONS": FAST}}):
            server.stop()
            answer = sign_in(user)
            assert (answer.status_code, answer["Retry-After"]) == (503, "10")
            assert "Please try again in a minute" in answer.content.decode()
            server.start()
            assert sign_in(user).status_code == 302


def test_who_gives_a_code_is_told_that_the_site_cannot_not_that_they_tried_often(db, cache_away):
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory())
    answer = client.post(reverse("organisation-join"), {"code": "ABCD-EFGH"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "此前已保存的内容不受影响" in answer.content.decode()


def test_who_is_too_fast_is_told_so(db, monkeypatch):
    monkeypatch.setattr("allauth.account.app_settings.RATE_LIMITS", {"login": "1/m/ip"})
    cache.clear()
    user = UserFactory()
    assert sign_in(user, "wrong").status_code == 200
    assert sign_in(user).status_code == 429
    cache.clear()
