"""A rehearsal runs from the first account to verified results, also when killed on the way."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from uuid import uuid4

import psycopg
import pytest

from tests.servers import Buckets, redis

SIZE = {
    "associations": 2,
    "organisations": 3,
    "photos": 14,
    "videos": 1,
    "judges": 4,
    "votes": 60,
    "awards": 6,
    "seed": 1,
}
MINUTES = 10


def command(**changed):
    options = [f"--{name}={value}" for name, value in (SIZE | changed).items()]
    return [sys.executable, "manage.py", "rehearse", *options]


class Ground:
    """A folder, and what of its own a rehearsal has of the engines that the suite runs on."""

    def __init__(self, folder, engines):
        self.folder, self.database = folder, engines.get("DATABASE_URL")
        self.environment = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "portal.settings.development",
            "DATA_DIR": str(folder),
            **engines,
        }

    def connect(self):
        if self.database:
            return psycopg.connect(self.database, autocommit=True)
        return sqlite3.connect(self.folder / "db.sqlite3", timeout=20, isolation_level=None)

    def ask(self, question):
        with closing(self.connect()) as database:
            answer = database.execute(question)
            return answer.fetchall() if answer.description else []

    def count(self, table):
        try:
            return self.ask(f"SELECT COUNT(*) FROM {table}")[0][0]
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):  # not made yet
            return 0

    def rehearse(self, **changed):
        return subprocess.run(
            command(**changed),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60 * MINUTES,
        )

    def report(self, name):
        return (self.folder / "rehearsal" / name).read_text()


@pytest.fixture
def ground(tmp_path):
    with ExitStack() as stack:
        yield Ground(tmp_path, engines_of_its_own(stack) if os.environ.get("DATABASE_URL") else {})


def engines_of_its_own(stack):
    name = f"rehearsal_{uuid4().hex}"
    server = stack.enter_context(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
    server.execute(f"CREATE DATABASE {name}")
    stack.callback(server.execute, f"DROP DATABASE {name} WITH (FORCE)")
    cache = stack.enter_context(redis())
    buckets = Buckets(os.environ["S3_ENDPOINT_URL"], f"-{name.replace('_', '-')}")
    buckets.make()
    return {
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}",
        "CACHE_URL": cache.url,
        "TASKS": os.environ["TASKS"],
        **buckets.environment,
    }


def kill_in_the_uploads(ground):
    """Begin a rehearsal and kill it, with nothing put in order, once some works are there."""
    begun = subprocess.Popen(
        command(), env=ground.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60 * MINUTES
    while ground.count("competition_frame") < 3 and time.monotonic() < deadline:
        assert begun.poll() is None
        time.sleep(0.2)
    begun.send_signal(signal.SIGKILL)
    begun.wait()


@pytest.mark.media
def test_it_is_killed_goes_on_and_keeps_every_invariant(ground):
    kill_in_the_uploads(ground)
    assert 3 <= ground.count("competition_entry") < 15

    other = ground.rehearse(votes=61)
    assert other.returncode == 1
    assert "Here is a rehearsal with other arguments" in other.stderr

    done = ground.rehearse()
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(ground.report("report.json"))
    assert [one["name"] for one in report["invariants"] if not one["kept"]] == []
    tries = {one["name"]: one["tries"] for one in report["steps"]}
    assert tries.pop("uploads") == 2
    assert set(tries.values()) == {1}
    assert sum(report["counts"]["works by state"].values()) == 15
    assert [one["status"] for one in report["slowest_pages"] if one["status"] != 200] == []
    assert "FAILED" not in ground.report("report.html")

    ground.ask("UPDATE competition_entry SET state = 'draft' WHERE title LIKE '% 000003'")
    broken = ground.rehearse()
    assert broken.returncode == 1
    assert "uploads: done before" in broken.stdout
    assert "its log ends in admitted" in broken.stdout


def test_a_database_with_people_of_somebody_else_is_left_alone(ground):
    ground.ask("CREATE TABLE accounts_user (email TEXT)")
    ground.ask("INSERT INTO accounts_user VALUES ('x@example.org')")
    refused = ground.rehearse()
    assert refused.returncode == 1
    assert "so it was left alone" in refused.stderr
    assert ground.count("accounts_user") == 1
    assert ground.count("competition_entry") == 0


def test_numbers_that_make_no_edition_are_refused(ground):
    refused = ground.rehearse(awards=8)
    assert refused.returncode == 1
    assert "--awards must be at most half of all works." in refused.stderr
