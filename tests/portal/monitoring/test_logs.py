"""A log line names the request or task it is of, and nobody."""

import io
import json
import logging
import sys

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django_tasks import task_backends
from django_tasks.signals import task_finished, task_started

from media_processing.tasks import process_photo
from portal.monitoring.context import forget, label, labels
from portal.monitoring.logs import JsonLine, Line
from portal.monitoring.middleware import RequestId

GIVEN = "abcDEF-0123456789"


@pytest.fixture(autouse=True)
def _nobody():
    forget()
    yield
    forget()


@pytest.fixture
def written():
    """Return a logger, and a reader of what it wrote in a format."""

    def begin(formatter):
        handler = logging.StreamHandler(io.StringIO())
        handler.setFormatter(formatter)
        logger = logging.Logger("portal.test")
        logger.addHandler(handler)
        return logger, lambda: handler.stream.getvalue().rstrip("\n")

    return begin


def ask(view=lambda request: HttpResponse("ok"), path="/my/?token=x", **headers):
    return RequestId(view)(RequestFactory().get(path, headers=headers))


def test_a_line_for_people(written):
    logger, text = written(Line())
    logger.warning("mail to %s failed", "li@example.cn")
    label(request_id="r1")
    logger.error("again")
    first, second = text().splitlines()
    assert first.endswith(" WARNING portal.test [-]: mail to … failed")
    assert second.endswith(" ERROR portal.test [r1]: again")


def test_a_line_for_programs(written):
    logger, text = written(JsonLine())
    label(request_id="r1")
    logger.warning("李四's mail:\n%s", "\nli@example.cn", extra={"ms": 3, "request": "GET /?x"})
    line = json.loads(text())
    assert line.pop("time")
    assert line == {
        "level": "WARNING",
        "logger": "portal.test",
        "message": "李四's mail:\n\n…",
        "ms": 3,
        "request_id": "r1",
    }
    assert "李四" in text()


@pytest.mark.parametrize("formatter", [Line(), JsonLine()])
def test_a_traceback_tells_no_secret_either(written, formatter):
    logger, text = written(formatter)
    try:
        raise ValueError("no such address: li@example.cn in /originals/abc")
    except ValueError:
        logger.exception("it broke")
    assert "ValueError: no such address: … in /originals/…" in text()
    assert "Traceback" in text()
    assert "example.cn" not in text()


def test_each_request_has_an_id_of_its_own_while_it_lasts():
    seen = []

    def view(request):
        seen.append(dict(labels()))
        return HttpResponse()

    answers = [ask(view), ask(view)]
    assert seen == [{"request_id": one.headers["X-Request-ID"]} for one in answers]
    assert seen[0] != seen[1]


@pytest.mark.django_db
def test_what_django_says_of_a_refusal_has_the_id_and_nothing_after_it_has(written):
    """Django logs it when the middleware are done."""
    logger, text = written(JsonLine())
    django_request = logging.getLogger("django.request")
    django_request.addHandler(logger.handlers[0])
    try:
        response = Client().get("/originals/abc")
    finally:
        django_request.removeHandler(logger.handlers[0])
    (line,) = [json.loads(one) for one in text().splitlines()]
    assert line["message"] == "Not Found: /originals/…"
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert labels() == {}


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, GIVEN, True),
        (0, GIVEN, False),
        (1, "short-1", False),
        (1, "a" * 64, True),
        (1, "a" * 65, False),
        (1, "abcdefgh\nforged", False),
        (1, "abcdefgh<b>", False),
        (1, "数字数字数字数字", False),
    ],
)
def test_the_id_is_a_trusted_proxys_if_it_is_sane(proxies, given, is_taken):
    with override_settings(TRUSTED_PROXIES=proxies):
        answer = ask(**{"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is is_taken
    assert 8 <= len(answer.headers["X-Request-ID"]) <= 64


def test_with_json_each_request_is_a_line(caplog):
    with override_settings(LOG_FORMAT="json"), caplog.at_level("INFO", "portal.access"):
        ask()
    (record,) = caplog.records
    assert (record.method, record.path, record.status) == ("GET", "/my/", 200)
    assert 0 <= record.ms < 10_000
    assert "token" not in str(vars(record))


def test_for_people_the_proxy_writes_them(caplog):
    with caplog.at_level("INFO", "portal.access"):
        ask()
    assert caplog.records == []


@pytest.mark.django_db
def test_a_workers_lines_name_the_task():
    backend = task_backends["worker"]
    result = process_photo.enqueue("an-id")
    task_started.send(type(backend), task_result=result)
    assert labels() == {"task_id": str(result.id)}
    task_finished.send(type(backend), task_result=result)
    assert labels() == {}


def test_the_site_writes_with_these(settings):
    assert settings.LOGGING["formatters"]["line"]["()"] == "portal.monitoring.logs.Line"
    assert any(isinstance(one.formatter, Line) for one in logging.getLogger().handlers), sys.argv
