"""What machines ask is answered by IP and plain HTTP, tells no secret, and asks for no session."""

import os
import subprocess
import sys

import pytest
from django.test import Client, override_settings

from portal.monitoring import views
from portal.monitoring.health import Answer, Rounds

BY_IP = {"headers": {"host": "10.1.2.3:8000"}}
AS_IN_PRODUCTION = override_settings(SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=["photo.example.org"])

# A production site whose database cannot be reached.
WITHOUT_A_DATABASE = """
import django
django.setup()
from django.test import Client
for path in ("/healthz", "/readyz"):
    answer = Client().get(path, headers={"host": "10.1.2.3"})
    print(answer.status_code, answer.content.decode())
"""


@pytest.fixture
def found(monkeypatch):
    """Let /readyz find these."""

    def say(**states):
        rounds = Rounds({})
        rounds.found = {name: Answer(state, 1.5) for name, state in states.items()}
        monkeypatch.setattr(rounds, "latest", lambda: rounds.found)
        monkeypatch.setattr(views, "rounds", rounds)

    return say


@AS_IN_PRODUCTION
def test_the_control_other_addresses_are_refused():
    assert Client().get("/robots.txt", **BY_IP).status_code in (301, 400)


@AS_IN_PRODUCTION
def test_it_is_alive():
    """No database: this test has none."""
    answer = Client().get("/healthz", **BY_IP)
    assert (answer.status_code, answer.json()) == (200, {"alive": True})
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


@AS_IN_PRODUCTION
def test_it_is_ready(found):
    found(database="ok", cache="ok")
    answer = Client().get("/readyz", **BY_IP)
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "parts": {"database": {"state": "ok", "ms": 1.5}, "cache": {"state": "ok", "ms": 1.5}},
    }


@pytest.mark.parametrize("state", ["amiss", "silent"])
def test_it_is_not_ready_when_one_part_is_not(found, state):
    found(database="ok", cache=state)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert not answer.json()["ready"]
    assert answer.json()["parts"]["cache"]["state"] == state


def test_without_its_database_it_is_alive_but_not_ready(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_DATABASE],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portal.settings.production",
            "SECRET_KEY": "k" * 50,
            "BASE_URL": "https://example.org",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": "postgres://someone:s3cret@127.0.0.1:9/gone",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    alive, ready = done.stdout.splitlines()
    assert alive == '200 {"alive": true}'
    assert ready.startswith('503 {"ready": false, "parts": {"database": {"state": "amiss"')
    assert '"storage": {"state": "ok"' in ready
    assert "s3cret" not in done.stdout + done.stderr
    assert "someone" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("token", "given"),
    [
        ("", {}),
        ("", {"Authorization": "Bearer "}),
        ("right", {}),
        ("right", {"Authorization": "Bearer wrong"}),
        ("right", {"Authorization": "Basic right"}),
        ("right", {"Authorization": "Bearer right "}),
        ("right", {"Authorization": "Bearer räight"}),
    ],
)
def test_nobody_without_the_token_is_told_that_there_are_metrics(token, given):
    with override_settings(METRICS_TOKEN=token):
        answer = Client().get("/metrics", headers=given)
    assert (answer.status_code, answer.content) == (404, b"")
