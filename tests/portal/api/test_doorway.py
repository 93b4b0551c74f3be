"""The door of the API: reading only, from anywhere, not too often, never beyond the hour."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from tests.factories import AwardListFactory, noticed, published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counts_begin_anew():
    cache.clear()
    yield
    cache.clear()


def test_any_site_may_ask_and_no_cookie_comes_back(api, gallery):
    answer = api.answer("show_edition")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert not answer.cookies
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert "摄影展" in answer.content.decode(), "Chinese stands as it is"


def test_options_say_what_may_be_asked(api, gallery):
    answer = api.client.options(reverse("api:list_works", args=["2026"]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.fixture
def mid_minute():
    """In the last second of a minute nothing is kept, so there is nothing to recognise it by."""
    with time_machine.travel(timezone.now().replace(second=30), tick=False):
        yield


def test_head_answers_as_get_without_a_body(api, gallery, mid_minute):
    address = reverse("api:show_edition", args=["2026"])
    head, get = api.client.head(address), api.client.get(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(api, gallery, method):
    for name in ["list_editions", "show_edition"]:
        args = ["2026"] if name == "show_edition" else []
        answer = getattr(api.client, method)(reverse(f"api:{name}", args=args))
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert answer.json()["detail_en"].startswith("This API is for reading")


def test_what_is_not_changed_is_not_sent_again(api, gallery, edition, mid_minute):
    first = api.answer("show_edition")
    address = reverse("api:show_edition", args=["2026"])
    again = api.client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    edition.title = "另一个题目"
    edition.save()
    assert (
        api.client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    )


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (90, "public, max-age=30, s-maxage=30"),
        (20, "public, max-age=20, s-maxage=20"),
        (0.9, "no-store"),
        (0, "public, max-age=60, s-maxage=60"),
    ],
)
@pytest.mark.parametrize("begins", ["notice", "publication", "phase"])
def test_nothing_is_kept_beyond_an_hour(api, gallery, edition, begins, left, kept):
    hour = timezone.now().replace(second=0, microsecond=0) + timedelta(hours=5)
    if begins == "publication":
        published(AwardListFactory(edition=edition), hour)
    elif begins == "notice":
        award_list = noticed(AwardListFactory(edition=edition))
        award_list.noticed_at = hour
        award_list.save()
    else:
        edition.phases.filter(kind="voting").update(closes_at=hour)
    with time_machine.travel(hour - timedelta(seconds=left), tick=False):
        for name in ["show_edition", "list_works", "list_awards", "show_statistics"]:
            assert api.answer(name).headers["Cache-Control"] == kept


def test_what_is_not_there_is_not_kept(api, gallery):
    answer = api.answer("show_work", "P-999999")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert set(answer.json()) == {"detail", "detail_en"}


@pytest.mark.parametrize(
    "path", ["", "editions", "works/", "editions/2026/votes/", "editions/../2026/", "a%00b/"]
)
def test_an_unknown_address_is_answered_to_a_program(api, gallery, path):
    answer = api.client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json()["detail_en"].startswith("There is nothing at this address.")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"limit": "0"}, "“limit” must be at least 1."),
        ({"limit": "-5"}, "“limit” must be at least 1."),
        ({"limit": "101"}, "“limit” must be at most 100."),
        ({"page": "0"}, "“page” must be at least 1."),
        ({"page": "viele"}, "“page” must be a whole number."),
        ({"page": "9" * 30}, "“page” must be at most 1000000."),
        ({"section": "1 OR 1=1"}, "“section” must be a whole number."),
        ({"award": "expert' --"}, "“award” has a value that can't be read here."),
        ({"q": "长" * 81}, "“q” may have at most 80 characters."),
        ({"q": "a\x00b"}, "“q” has a value that can't be read here."),
    ],
)
def test_a_value_that_cannot_be_read_is_said_in_words(api, gallery, query, words):
    answer = api.answer("list_works", **query)
    assert answer.status_code == 422
    assert answer.json()["detail_en"] == words
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "_", "\\", "<script>", "‮", "😀", "a" * 80])
def test_a_hostile_text_finds_nothing(api, gallery, make_works, text):
    make_works(2)
    assert api.get("list_works", q=text)["items"] == []


def test_an_unknown_section_is_not_there(api, gallery):
    assert api.answer("list_works", section=999999).status_code == 404


def test_whoever_asks_too_often_is_told_to_wait(api, gallery):
    with time_machine.travel(timezone.now(), tick=False):
        codes = [api.answer("list_editions").status_code for _ in range(121)]
        assert codes == [200] * 120 + [429]
        answer = api.answer("show_edition")
        assert answer.headers["Retry-After"] == "60"
        assert answer.json()["detail_en"].startswith("Too many requests")
        other = api.client.get(reverse("api:list_editions"), REMOTE_ADDR="203.0.113.9")
        assert other.status_code == 200


def test_it_is_read_also_while_nobody_can_be_counted(api, gallery, cache_away):
    assert api.answer("list_editions").status_code == 200


def test_the_words_do_not_depend_on_who_asks(api, gallery):
    address = reverse("api:show_work", args=["2026", "P-999999"])
    answers = {
        api.client.get(address, headers={"Accept-Language": one}).content for one in ["en", "zh"]
    }
    assert len(answers) == 1


# --- the page about it ------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/api/", "/en/api/"])
def test_the_page_shows_every_address_with_an_example(client, gallery, address):
    answer = client.get(address)
    page = answer.text
    assert answer.status_code == 200
    document = client.get(reverse("api-openapi")).json()
    for path, methods in document["paths"].items():
        assert f"<code>{path}</code>" in page
        assert f'id="{methods["get"]["operationId"]}"' in page
    for name in document["components"]["schemas"]:
        assert f'id="record-{name}"' in page
    assert "curl &#x27;http://testserver/api/v1/editions/&#x27;" in page
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count('<script type="module" src="/static/js/')


def test_the_document_names_the_server_that_was_asked(client, gallery):
    answer = client.get("/api/openapi.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["servers"] == [{"url": "http://testserver"}]
