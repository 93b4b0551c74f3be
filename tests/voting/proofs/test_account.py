"""Sign-in at a service: it proves who votes, and makes nobody an account here."""

import copy
import logging
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.messages import get_messages
from django.test import Client

from portal.accounts.models import User
from tests.factories import UserFactory
from tests.voting.proofs import oidc
from voting.identity import voter_of
from voting.models import Ballot

pytestmark = pytest.mark.django_db
PAGE = "/en/vote/2026/identify/?next=%2Fgallery%2F&work=P-000001"


@pytest.fixture
def service():
    with oidc.service() as running:
        yield running


@pytest.fixture
def providers(settings):
    """Change the services that are set up."""

    def change(name, *apps):
        kept = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
        kept[name]["APPS"] = list(apps)
        settings.SOCIALACCOUNT_PROVIDERS = kept

    return change


@pytest.fixture
def account_poll(poll, service, providers):
    providers("openid_connect", oidc.provider(service.url))
    poll.identity = "account"
    poll.save()
    return poll


def link_on(browser, address=PAGE):
    page = browser.get(address).content.decode()
    link = re.search(r'href="(/accounts/(?:oidc|weixin)/[^"]+)"', page).group(1)
    return link.replace("&amp;", "&")


def at_the_service(address):
    """Go there as the browser does; return the address it sends back to."""
    return requests.get(address, allow_redirects=False, timeout=5).headers["Location"]


def come_back(browser, address):
    return browser.get(f"{urlsplit(address).path}?{urlsplit(address).query}")


def sign_in(browser):
    leaving = browser.get(link_on(browser))
    return come_back(browser, at_the_service(leaving.url))


def test_who_signs_in_is_led_back_and_may_vote(account_poll, entry):
    browser = Client()
    back = sign_in(browser)
    assert (back.status_code, back.url) == (302, PAGE)
    assert voter_of(back.wsgi_request, "account").kind == "account"
    assert "Now you can vote" in browser.get(PAGE).content.decode()
    browser.post("/en/vote/2026/P-000001/", {"next": "/gallery/"})
    assert Ballot.objects.get().entry == entry


def test_an_account_is_one_voter_on_every_device_and_two_are_two(account_poll, service):
    keys = [voter_of(sign_in(Client()).wsgi_request, "account").key for _ in range(2)]
    service.subject = "account-8"
    other = voter_of(sign_in(Client()).wsgi_request, "account").key
    assert keys[0] == keys[1] != other


def test_nobody_becomes_a_user_and_nothing_but_the_number_is_asked_for(account_poll, service):
    browser = Client()
    leaving = browser.get(link_on(browser))
    asked = parse_qs(urlsplit(leaving.url).query)
    assert asked["scope"] == ["openid"]
    assert asked["code_challenge_method"] == ["S256"]
    come_back(browser, at_the_service(leaving.url))
    assert "/userinfo" not in service.asked
    made = User.objects.count(), SocialAccount.objects.count(), SocialToken.objects.count()
    assert made == (0, 0, 0)
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("process", ["login", "connect", "redirect"])
def test_somebody_of_this_site_stays_who_they_are(account_poll, process):
    """Their e-mail at the service is the one they have here; that signs nobody in or out."""
    UserFactory(email="secret@example.org")
    person = UserFactory()
    browser = Client()
    browser.force_login(person)
    leaving = browser.get(f"{link_on(browser)}&process={process}")
    come_back(browser, at_the_service(leaving.url))
    assert browser.session["_auth_user_id"] == str(person.pk)
    assert not SocialAccount.objects.exists()


def test_one_address_comes_back_whatever_the_language(account_poll):
    for page in (PAGE, PAGE.removeprefix("/en")):
        browser = Client()
        leaving = browser.get(link_on(browser, page))
        back = parse_qs(urlsplit(leaving.url).query)["redirect_uri"]
        assert back == ["http://testserver/accounts/oidc/voters/login/callback/"]


def words(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_who_cancels_is_told_so_and_has_proved_nothing(account_poll):
    browser = Client()
    leaving = browser.get(link_on(browser))
    state = parse_qs(urlsplit(leaving.url).query)["state"][0]
    back = browser.get(f"/accounts/oidc/voters/login/callback/?error=access_denied&state={state}")
    assert back.url == PAGE
    assert len(words(back)) == 1
    assert voter_of(back.wsgi_request, "account").kind == ""


def test_a_service_that_refuses_is_said(account_poll, service, caplog):
    service.is_broken = True
    browser = Client()
    with caplog.at_level(logging.WARNING):
        back = sign_in(browser)
    assert back.url == PAGE
    assert len(words(back)) == 1
    assert voter_of(back.wsgi_request, "account").kind == ""


def test_a_service_out_of_reach_is_said(poll, providers):
    providers("openid_connect", oidc.provider("http://127.0.0.1:9"))
    poll.identity = "account"
    poll.save()
    browser = Client()
    back = browser.get(link_on(browser))
    assert back.url == PAGE.partition("#")[0]
    assert len(words(back)) == 1


@pytest.mark.parametrize("state", ["", "&state=forged"])
def test_an_answer_nobody_asked_for_proves_nothing(account_poll, caplog, state):
    back = Client().get(f"/accounts/oidc/voters/login/callback/?code=x{state}")
    assert (back.status_code, back.url) == (302, "/")
    assert voter_of(back.wsgi_request, "account").kind == ""


def test_somebody_elses_answer_proves_nothing(account_poll):
    """An attacker's code in a victim's browser: the state is the attacker's."""
    attacker, victim = Client(), Client()
    address = at_the_service(attacker.get(link_on(attacker)).url)
    assert voter_of(come_back(victim, address).wsgi_request, "account").kind == ""


def test_nobody_is_led_to_another_site(account_poll):
    browser = Client()
    leaving = browser.get("/accounts/oidc/voters/login/?next=https://evil.example/")
    assert come_back(browser, at_the_service(leaving.url)).url == "/"


def test_what_is_not_set_up_is_not_found(poll):
    for address in ("weixin/login/", "oidc/voters/login/", "oidc/other/login/callback/"):
        assert Client().get(f"/accounts/{address}").status_code == 404


def test_the_pages_for_accounts_of_this_site_offer_no_service(account_poll):
    for page in ("/en/accounts/login/", "/en/accounts/signup/"):
        assert "oidc" not in Client().get(page).content.decode()
    for page in ("3rdparty/", "social/signup/", "social/connections/"):
        assert Client().get(f"/en/accounts/{page}").status_code == 404


class Weixin:
    """Answers the one question that is asked of Weixin."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def request(self, method, url, **_):
        self.asked.append(url)
        made = requests.Response()
        made.status_code = 200
        made.json = lambda: self.answer
        return made


@pytest.fixture
def weixin(poll, providers, monkeypatch):
    """Sign in at Weixin, which answers so."""
    providers("weixin", {"client_id": "wx1", "secret": "s"})
    poll.identity = "account"
    poll.save()

    def sign_in_there(answer):
        there = Weixin(answer)
        monkeypatch.setattr(
            "voting.proofs.account.VoterAdapter.get_requests_session", lambda _self: there
        )
        browser = Client()
        leaving = browser.get(link_on(browser))
        assert leaving.url.startswith("https://open.weixin.qq.com/connect/qrconnect?appid=wx1&")
        state = parse_qs(urlsplit(leaving.url).query)["state"][0]
        back = browser.get(f"/accounts/weixin/login/callback/?code=c&state={state}")
        return voter_of(back.wsgi_request, "account"), there.asked

    return sign_in_there


def test_weixin_is_asked_for_the_token_and_for_no_profile(weixin):
    voter, asked = weixin({"access_token": "t", "openid": "o1"})
    assert voter.kind == "account"
    assert asked == ["https://api.weixin.qq.com/sns/oauth2/access_token"]


def test_a_union_id_is_the_same_person_in_all_apps(weixin):
    first, _ = weixin({"access_token": "t", "openid": "o1", "unionid": "u"})
    second, _ = weixin({"access_token": "t", "openid": "o2", "unionid": "u"})
    third, _ = weixin({"access_token": "t", "openid": "o1"})
    assert first.key == second.key != third.key


@pytest.mark.parametrize("answer", [{"access_token": "t"}, {"errcode": 40029}, {}])
def test_weixin_that_names_nobody_proves_nothing(weixin, caplog, answer):
    assert weixin(answer)[0].kind == ""
