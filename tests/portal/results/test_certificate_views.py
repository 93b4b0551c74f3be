"""Everybody can check a certificate; nobody learns of one before its hour."""

from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import get_current_timezone
from django.utils.translation import override

from portal.results import certificate_views
from tests.factories import MembershipFactory, published

pytestmark = pytest.mark.django_db

CHECK = reverse("certificate-check")
HOUR = datetime(2027, 1, 15, 10, 0, tzinfo=get_current_timezone())
UNKNOWN = "2026-E-0001-000000"


@pytest.fixture(autouse=True)
def _nobody_has_asked():
    cache.clear()


@pytest.fixture(autouse=True)
def quick_printer(monkeypatch):
    monkeypatch.setattr(certificate_views, "pdf_of", lambda certificate: b"%PDF")


def page(certificate, name="certificate"):
    return reverse(name, args=[certificate.number])


def words(response):
    return " ".join(response.content.decode().split())


# --- what is confirmed --------------------------------------------------------------------


def test_the_page_says_to_whom_for_what_and_when(client, results):
    published(results.award_list, HOUR)
    certificate = results.certificate(title="晨光", author_names="李四", number="P-7")
    with time_machine.travel(HOUR + timedelta(days=1)):
        said = words(client.get(page(certificate)))
    for fact in (
        certificate.number,
        "李四",
        certificate.award.entry.organisation.name,
        "专家推荐作品",
        "晨光",
        "P-7",
        "第七届摄影大赛",
        "江城行业协会",
        "2027-01-15",
    ):
        assert fact in said, fact


def test_in_english_it_says_the_same(client, results):
    certificate = results.certificate()
    with override("en"):
        said = words(client.get(page(certificate)))
    assert "This certificate is genuine" in said
    assert "The 7th Photo Competition" in said
    assert "Expert work" in said


def test_an_award_for_organising_is_confirmed_too(client, results):
    honour = results.honour("江城市行业协会")
    results.issue()
    assert "江城市行业协会" in words(client.get(page(honour.certificate)))
    assert client.get(page(honour.certificate, "certificate-pdf")).status_code == 200


def test_a_number_typed_anyhow_leads_to_its_certificate(client, results):
    certificate = results.certificate()
    typed = f" {certificate.number.lower().replace('-', ' ').replace('0', 'o')} "
    answer = client.get(CHECK, {"number": typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, page(certificate))


def test_the_empty_form_asks_for_a_number(client):
    assert client.get(CHECK).status_code == 200
    answer = client.get(CHECK, {"number": ""})
    assert answer.status_code == 200
    assert answer.context["form"].errors["number"]


def test_a_certificate_of_a_work_that_left_the_competition_no_longer_holds(client, results):
    certificate = results.certificate()
    type(certificate.award.entry).objects.update(state="disqualified")
    answer = client.get(page(certificate))
    assert answer.status_code == 200
    assert answer.context["holds"] is False
    assert page(certificate, "certificate-pdf") not in words(answer)
    printed = client.get(page(certificate, "certificate-pdf"))
    assert (printed.status_code, printed.headers["Location"]) == (302, page(certificate))


def test_the_pdf_has_a_name_that_tells_it(client, results):
    certificate = results.certificate(title="晨光", author_names="李四")
    answer = client.get(page(certificate, "certificate-pdf"))
    assert answer.content == b"%PDF"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "E-0001 晨光 李四.pdf" in unquote(answer.headers["Content-Disposition"])


def test_search_engines_keep_none_of_it(client, results):
    certificate = results.certificate()
    assert '<meta name="robots" content="noindex">' in words(client.get(page(certificate)))
    assert client.get(page(certificate, "certificate-pdf")).headers["X-Robots-Tag"] == "noindex"


def test_my_page_costs_the_same_with_one_certificate_and_with_three(client, results):
    member = MembershipFactory()
    client.force_login(member.user)
    costs = {}
    for certificates in (1, 3):
        while results.award_list.awards.count() < certificates:
            results.award(organisation=member.organisation)
        results.issue()
        client.get(reverse("my"))
        with CaptureQueriesContext(connection) as queries:
            said = words(client.get(reverse("my")))
        assert said.count("/certificate.pdf") == certificates
        costs[certificates] = len(queries)
    assert costs[1] == costs[3]


# --- not before its hour ------------------------------------------------------------------


def answers_for(client, number):
    """Return what each way in says for the number, without the number itself."""
    ways = [
        client.get(reverse("certificate", args=[number])),
        client.get(reverse("certificate-pdf", args=[number])),
        client.get(CHECK, {"number": number}),
    ]
    plain = [answer.content.decode().replace(number, "…") for answer in ways]
    return [
        (answer.status_code, text, answer.headers.get("Location"))
        for answer, text in zip(ways, plain, strict=True)
    ]


def test_a_second_before_its_hour_it_is_as_unknown_as_any_other(client, results):
    published(results.award_list, HOUR)
    award = results.certificate(title="晨光")
    honour = results.honour()
    results.issue()
    member = MembershipFactory(organisation=award.award.entry.organisation).user
    with time_machine.travel(HOUR - timedelta(seconds=1), tick=False):
        for certificate in (award, honour.certificate):
            found = answers_for(client, certificate.number)
            paths = [answer[1].replace(certificate.number, "…") for answer in found]
            unknown = answers_for(client, UNKNOWN)
            assert found == unknown
            assert {answer[0] for answer in found} == {404}
            assert all("晨光" not in path for path in paths)
        client.force_login(member)
        detail = client.get(reverse("entry-detail", args=[award.award.entry_id]))
        assert award.number not in words(detail)
        assert award.number not in words(client.get(reverse("my")))


def test_at_its_hour_it_is_there(client, results):
    published(results.award_list, HOUR)
    award = results.certificate()
    honour = results.honour()
    results.issue()
    member = MembershipFactory(organisation=award.award.entry.organisation).user
    with time_machine.travel(HOUR, tick=False):
        for certificate in (award, honour.certificate):
            codes = [answer[0] for answer in answers_for(client, certificate.number)]
            assert codes == [200, 200, 302]
        client.force_login(member)
        detail = client.get(reverse("entry-detail", args=[award.award.entry_id]))
        assert page(award, "certificate-pdf") in words(detail)
        assert page(award, "certificate-pdf") in words(client.get(reverse("my")))


# --- who guesses --------------------------------------------------------------------------


def test_who_guesses_is_stopped_even_when_a_guess_is_right(client, results, monkeypatch):
    monkeypatch.setattr(certificate_views, "MISSES", "2/h")
    certificate = results.certificate()
    guess = reverse("certificate", args=[UNKNOWN])
    assert [client.get(guess).status_code for _ in range(4)] == [404, 404, 404, 429]
    assert client.get(page(certificate)).status_code == 429
    assert client.get(CHECK, {"number": UNKNOWN}).status_code == 429
    assert client.get(CHECK).status_code == 200


def test_a_hall_that_scans_its_certificates_meets_no_limit(client, results, monkeypatch):
    monkeypatch.setattr(certificate_views, "MISSES", "2/h")
    certificate = results.certificate()
    assert {client.get(page(certificate)).status_code for _ in range(8)} == {200}


def test_printing_is_limited(client, results, monkeypatch):
    monkeypatch.setattr(certificate_views, "PRINTS", "2/h")
    address = page(results.certificate(), "certificate-pdf")
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("number", ["%00", "龘" * 500, "' OR 1=1 --", "..", "2026-E-0001-7K3QXU"])
def test_whatever_is_asked_is_answered_in_words(client, number):
    assert client.get(CHECK, {"number": number[:80]}).status_code == 404
    answer = client.get(reverse("certificate", args=[number.replace("/", "")]))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", ["certificate", "certificate-pdf"])
def test_nothing_is_posted_to_it(client, results, name):
    assert client.post(page(results.certificate(), name)).status_code == 405
