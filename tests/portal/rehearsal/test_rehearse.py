"""A rehearsal runs from the first account to verified results, also when killed on the way."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

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


def environment(folder, **more):
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings.development",
        "DATA_DIR": str(folder),
        **more,
    }


def rehearse(folder, **changed):
    return subprocess.run(
        command(**changed),
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * MINUTES,
    )


def ask(folder, question):
    with closing(sqlite3.connect(folder / "db.sqlite3", timeout=20)) as database:
        rows = database.execute(question).fetchall()
        database.commit()
    return rows


def count(folder, table):
    try:
        return ask(folder, f"SELECT COUNT(*) FROM {table}")[0][0]
    except sqlite3.OperationalError:  # not made yet
        return 0


def kill_in_the_uploads(folder):
    """Begin a rehearsal and kill it, with nothing put in order, once some works are there."""
    begun = subprocess.Popen(
        command(), env=environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60 * MINUTES
    while count(folder, "competition_frame") < 3 and time.monotonic() < deadline:
        assert begun.poll() is None
        time.sleep(0.2)
    begun.send_signal(signal.SIGKILL)
    begun.wait()


@pytest.mark.media
def test_it_is_killed_goes_on_and_keeps_every_invariant(tmp_path):
    kill_in_the_uploads(tmp_path)
    assert 3 <= count(tmp_path, "competition_entry") < 15

    other = rehearse(tmp_path, votes=61)
    assert other.returncode == 1
    assert "Here is a rehearsal with other arguments" in other.stderr

    done = rehearse(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "rehearsal" / "report.json").read_text())
    assert [one["name"] for one in report["invariants"] if not one["kept"]] == []
    tries = {one["name"]: one["tries"] for one in report["steps"]}
    assert tries.pop("uploads") == 2
    assert set(tries.values()) == {1}
    assert sum(report["counts"]["works by state"].values()) == 15
    assert [one["status"] for one in report["slowest_pages"] if one["status"] != 200] == []
    assert "FAILED" not in (tmp_path / "rehearsal" / "report.html").read_text()

    ask(tmp_path, "UPDATE competition_entry SET state = 'draft' WHERE title LIKE '% 000003'")
    broken = rehearse(tmp_path)
    assert broken.returncode == 1
    assert "uploads: done before" in broken.stdout
    assert "its log ends in admitted" in broken.stdout


def test_a_database_with_people_of_somebody_else_is_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "db.sqlite3")) as database:
        database.execute("CREATE TABLE accounts_user (email TEXT)")
        database.execute("INSERT INTO accounts_user VALUES ('x@example.org')")
        database.commit()
    refused = rehearse(tmp_path)
    assert refused.returncode == 1
    assert "so it was left alone" in refused.stderr
    assert count(tmp_path, "accounts_user") == 1
    assert count(tmp_path, "competition_entry") == 0


def test_numbers_that_make_no_edition_are_refused(tmp_path):
    refused = rehearse(tmp_path, awards=8)
    assert refused.returncode == 1
    assert "--awards must be at most half of all works." in refused.stderr
