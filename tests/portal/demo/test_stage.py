"""The demo starts afresh, and never on somebody's real data."""

import os
import sqlite3
import subprocess
import sys

# Its tables are made without their history, which takes half a minute.
CLEAR = """
import django; django.setup()
from django.core.management import call_command
from portal.demo import stage
def call(name, **options):
    if name == "migrate":
        options["run_syncdb"] = True
    call_command(name, **options)
stage.call_command = call
try:
    with stage.own_stage() as folder:
        print("ours")
except stage.StageTaken as refusal:
    print(refusal)
"""


def clear_stage(folder, **environment):
    """Ask for the stage in a process of its own, as the command does; return what it says."""
    done = subprocess.run(
        [sys.executable, "-c", CLEAR],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATA_DIR": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def add_person(folder):
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("CREATE TABLE IF NOT EXISTS accounts_user (email TEXT)")
        columns = [row[1] for row in database.execute("PRAGMA table_info(accounts_user)")]
        values = ["x@example.org" if name == "email" else "0" for name in columns]
        marks = ", ".join("?" * len(values))
        database.execute(f"INSERT INTO accounts_user VALUES ({marks})", values)
    database.close()


def count_people(folder):
    database = sqlite3.connect(folder / "db.sqlite3")
    (count,) = database.execute("SELECT COUNT(*) FROM accounts_user").fetchone()
    database.close()
    return count


def test_a_second_time_begins_with_an_empty_database_and_no_files(tmp_path):
    (tmp_path / "db.sqlite3").touch()  # what a command that only looks leaves behind
    assert clear_stage(tmp_path) == "ours"
    add_person(tmp_path)
    left_over = tmp_path / "derivatives" / "ab" / "picture.webp"
    left_over.parent.mkdir(parents=True)
    left_over.touch()
    assert clear_stage(tmp_path) == "ours"
    assert count_people(tmp_path) == 0
    assert not left_over.exists()


def test_a_database_with_people_that_is_not_the_demos_is_left_alone(tmp_path):
    add_person(tmp_path)
    assert "was left alone" in clear_stage(tmp_path)
    assert count_people(tmp_path) == 1


def test_a_database_server_is_left_alone(tmp_path):
    said = clear_stage(tmp_path, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert "Unset DATABASE_URL" in said
