"""Which engine runs the tasks is said by TASKS; what can't work is refused in words."""

import os
import subprocess
import sys

import pytest

SHOW = "from portal.settings.base import *; print(TASKS['worker']['BACKEND'], BROKER_URL)"


def start(tmp_path, **environment):
    """Read the settings in a process of their own; return (what they say, errors)."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip(), done.stderr


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, "django_tasks_db.DatabaseBackend"),
        ({"CACHE_URL": "redis://a/0"}, "django_tasks_db.DatabaseBackend"),
        (
            {"TASKS": "celery", "CACHE_URL": "redis://a/0"},
            "media_processing.bells.CeleryBackend redis://a/0",
        ),
        (
            {"TASKS": "celery", "CACHE_URL": "redis://a/0", "BROKER_URL": "rediss://b/1"},
            "media_processing.bells.CeleryBackend rediss://b/1",
        ),
    ],
)
def test_the_engine_and_its_broker(tmp_path, environment, found):
    assert start(tmp_path, **environment) == (found, "")


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"TASKS": "rabbits"}, "TASKS must be database or celery, not 'rabbits'."),
        ({"TASKS": "celery"}, "TASKS=celery needs a Redis server in BROKER_URL or CACHE_URL."),
        ({"TASKS": "celery", "BROKER_URL": "amqp://a"}, "TASKS=celery needs a Redis server"),
    ],
)
def test_what_cannot_work_is_refused(tmp_path, environment, complaint):
    found, errors = start(tmp_path, **environment)
    assert found == ""
    assert complaint in errors
