"""Who votes."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tests.factories import proved_badge
from voting.identity import (
    COOKIE,
    badge_of,
    came_from_this_site,
    referrer_of,
    set_voter_cookie,
    voter_of,
)


@pytest.fixture
def rf():
    return RequestFactory()


def cookie_after(request):
    response = HttpResponse()
    set_voter_cookie(request, response)
    return response


def test_a_new_device_is_one_voter_within_the_request_and_after_it(rf):
    first = rf.get("/")
    voter = voter_of(first, "device").key
    assert voter_of(first, "device").key == voter
    assert len(voter) == 64
    second = rf.get("/")
    second.COOKIES[COOKIE] = cookie_after(first).cookies[COOKIE].value
    assert voter_of(second, "device").key == voter
    assert COOKIE not in cookie_after(second).cookies


def test_two_new_devices_are_two_voters(rf):
    assert voter_of(rf.get("/"), "device").key != voter_of(rf.get("/"), "device").key


def test_the_cookie_is_long_lived_and_closed_to_scripts_and_other_sites(rf):
    request = rf.get("/")
    voter_of(request, "device")
    cookie = cookie_after(request).cookies[COOKIE]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 60 * 60
    assert cookie["secure"] == ""


def test_the_cookie_travels_by_https_only_where_the_page_came_by_https(rf):
    request = rf.get("/", secure=True)
    voter_of(request, "device")
    assert cookie_after(request).cookies[COOKIE]["secure"] is True


def test_nobody_gets_a_cookie_who_was_not_asked_who_they_are(rf):
    response = cookie_after(rf.get("/"))
    assert COOKIE not in response.cookies
    assert not response.has_header("Vary")


def test_the_database_s_name_for_a_voter_cannot_be_read_off_the_cookie(rf):
    request = rf.get("/")
    voter = voter_of(request, "device").key
    assert voter not in cookie_after(request).cookies[COOKIE].value


def test_a_cookie_that_was_tampered_with_is_a_new_voter(rf):
    first = rf.get("/")
    voter = voter_of(first, "device").key
    value = cookie_after(first).cookies[COOKIE].value
    second = rf.get("/")
    second.COOKIES[COOKIE] = ("a" if value[0] != "a" else "b") + value[1:]
    assert voter_of(second, "device").key != voter
    assert COOKIE in cookie_after(second).cookies


@pytest.mark.parametrize(
    ("site", "ours"),
    [("same-origin", True), ("same-site", False), ("cross-site", False), ("none", False)],
)
def test_only_our_own_pages_may_send_votes(rf, site, ours):
    assert came_from_this_site(rf.post("/", HTTP_SEC_FETCH_SITE=site)) is ours


def test_a_browser_that_does_not_say_is_left_to_the_csrf_check(rf):
    assert came_from_this_site(rf.post("/"))


@pytest.mark.parametrize(
    ("referrer", "kind"),
    [
        ("", "none"),
        ("http://testserver/gallery/", "here"),
        ("http://testserver.evil.example/", "other"),
        ("https://mp.weixin.qq.com/s/x", "other"),
        ("http://[broken", "other"),
        ("testserver", "other"),
    ],
)
def test_where_the_visitor_came_from_is_told_by_its_host(referrer, kind):
    request = RequestFactory().get("/", headers={"referer": referrer} if referrer else {})
    assert referrer_of(request) == kind


def test_a_badge_says_for_good_how_its_owner_arrived(rf):
    first = rf.get("/", headers={"referer": "https://mp.weixin.qq.com/s/x"})
    assert badge_of(first).arrived == "other"
    second = rf.get("/", headers={"referer": "http://testserver/"})
    second.COOKIES[COOKIE] = cookie_after(first).cookies[COOKIE].value
    assert badge_of(second).arrived == "other"
    assert voter_of(second, "device").arrived == "other"


def test_of_a_badge_from_before_nothing_is_known(rf):
    request = rf.get("/", headers={"referer": "http://testserver/"})
    request.COOKIES[COOKIE] = proved_badge()
    assert badge_of(request).arrived == "none"
