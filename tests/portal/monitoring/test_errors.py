"""An error reaches Sentry with its request's id, and without the person it happened to."""

import json
import os
import subprocess
import sys

import pytest


def run(tmp_path, *command, **environment):
    done = subprocess.run(
        [sys.executable, *command],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings.development",
            "DATA_DIR": str(tmp_path),
            "SENTRY_DSN": "",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def events(tmp_path):
    place = {"SENTRY_DSN": "http://key@127.0.0.1:9/1", "SENTRY_ENVIRONMENT": "rehearsal"}
    told = run(tmp_path, "-m", "tests.portal.monitoring.reporting", **place)
    return [json.loads(line) for line in told.splitlines()], told


def test_an_exception_and_an_error_line_become_events_that_name_nobody(events):
    (logged, raised, *more), told = events
    assert more == []
    assert logged["logentry"]["formatted"] == "mail to … failed"
    (exception,) = raised["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("ValueError", "duplicate key of …")
    for event in (logged, raised):
        assert event["tags"]["request_id"] == "abcDEF-0123"
        assert event["environment"] == "rehearsal"
        assert event["request"] == {"method": "POST", "url": "http://testserver/originals/…"}
        assert not {"user", "extra", "breadcrumbs"} & set(event)
    for secret in ("example.cn", "李四", "s3cret", "sessionid"):
        assert secret not in told


def test_without_an_address_it_is_not_even_loaded(tmp_path):
    asked = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"
    assert run(tmp_path, "-c", asked).splitlines()[-1] == "False"
