"""docs/settings.md and portal/settings/env.py say the same of the same variables."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.settings.env import BASE_DIR, VARIABLES, Variable

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \| (.+) \|$", re.MULTILINE)


def as_documented(default):
    """Return a default as the page writes it: paths from the project's folder, lists by comma."""
    text = ",".join(default) if isinstance(default, list) else str(default)
    text = text.removeprefix(f"{BASE_DIR}/")
    return f"`{text}`" if text else ""


def test_the_page_lists_each_variable_with_its_type_default_and_meaning():
    page = (BASE_DIR / "docs" / "settings.md").read_text()
    assert ROW.findall(page) == [
        (v.name, v.cast.__name__, as_documented(v.default), v.meaning) for v in VARIABLES.values()
    ]


def test_no_settings_file_reads_the_environment_past_env_py():
    readers = [
        path.name
        for path in (BASE_DIR / "portal" / "settings").glob("*.py")
        if path.name != "env.py" and re.search(r"os\.environ|getenv", path.read_text())
    ]
    assert readers == []


def test_a_variable_is_read_as_its_type(monkeypatch):
    monkeypatch.setenv("NUMBER_OF_PROXIES", "2")
    assert Variable("NUMBER_OF_PROXIES", int, 0, "").read() == 2


def test_a_list_is_split_at_its_commas(monkeypatch):
    monkeypatch.setenv("NAMES", "a.example,b.example")
    assert Variable("NAMES", list, [], "").read() == ["a.example", "b.example"]


def test_text_that_does_not_fit_the_type_is_refused(monkeypatch):
    monkeypatch.setenv("NUMBER_OF_PROXIES", "two")
    with pytest.raises((ValueError, ImproperlyConfigured)):
        Variable("NUMBER_OF_PROXIES", int, 0, "").read()
