"""The production settings refuse to start a site that would not be safe."""

import os
import subprocess
import sys

import pytest

SAFE = {"SECRET_KEY": "k" * 50, "BASE_URL": "https://example.org"}


def start(tmp_path, **environment):
    """Import the production settings in a process of their own; return (exit code, errors)."""
    done = subprocess.run(
        [sys.executable, "-c", "import portal.settings.production"],
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **SAFE, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_safe_environment_starts(tmp_path):
    assert start(tmp_path) == (0, "")


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
        ({"SECRET_KEY": "k" * 49}, "SECRET_KEY must be set"),
        ({"BASE_URL": "http://example.org"}, "BASE_URL must be the site's https:// address"),
    ],
)
def test_an_unsafe_one_does_not(tmp_path, environment, complaint):
    code, errors = start(tmp_path, **environment)
    assert code == 1
    assert complaint in errors
