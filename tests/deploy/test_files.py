"""What operators copy says the same as the code, and is what their programs accept."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.settings.env import BASE_DIR, VARIABLES
from tests.deploy.dockerfile import Step, context, read

DEPLOY = BASE_DIR / "deploy"
EXAMPLE = (DEPLOY / "production.env.example").read_text()
SITE, _, COMPOSE_ONLY = EXAMPLE.partition("# --- for compose.yaml only")
COMPOSE = (DEPLOY / "compose.yaml").read_text()
UNITS = DEPLOY / "systemd"


def test_the_example_has_each_variable_with_its_meaning():
    found = re.findall(r"^# (.+)\n#?([A-Z0-9_]+)=", SITE, re.MULTILINE)
    assert found == [(one.meaning, one.name) for one in VARIABLES.values()]


def test_what_the_example_leaves_out_is_the_default():
    left_out = dict(re.findall(r"^#([A-Z0-9_]+)=(.*)$", SITE, re.MULTILINE))
    for name, text in left_out.items():
        default = VARIABLES[name].default
        said = ",".join(default) if isinstance(default, list) else str(default)
        assert text == said.removeprefix(f"{BASE_DIR}/"), name


def test_compose_asks_for_no_variable_that_the_example_has_not():
    asked = set(re.findall(r"\$\{(\w+)", COMPOSE))
    known = set(re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE))
    assert asked - known == set()
    only = set(re.findall(r"^([A-Z0-9_]+)=", COMPOSE_ONLY, re.MULTILINE))
    assert only <= asked


def test_compose_sets_the_site_s_own_variables():
    block = COMPOSE.partition("environment: &engines\n")[2].partition("  volumes:")[0]
    assert set(re.findall(r"^ +(\w+):", block, re.MULTILINE)) <= set(VARIABLES)


def test_nothing_but_nginx_can_be_reached_from_outside():
    services = re.split(
        r"^  (?=[\w-]+:)", COMPOSE.partition("\nservices:\n")[2], flags=re.MULTILINE
    )
    assert [one.split(":")[0] for one in services if "\n    ports:" in one] == ["nginx"]


def test_the_container_s_site_is_not_root_and_can_not_change_its_code():
    steps = read((DEPLOY / "Dockerfile").read_text())
    verbs = [step.verb for step in steps]
    assert steps[verbs.index("USER")] == Step("USER", "photo")
    assert "COPY" not in verbs[verbs.index("USER") :]
    assert "chown" not in (DEPLOY / "Dockerfile").read_text()


def test_no_secret_and_no_data_comes_into_the_image(tmp_path):
    for name in [
        "deploy/production.env",
        "deploy/tls/privkey.pem",
        "var/db.sqlite3",
        ".git/config",
        "a/b.mo",
        "a/b.py",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".dockerignore").write_text((BASE_DIR / ".dockerignore").read_text())
    assert sorted(map(str, context(tmp_path))) == [".dockerignore", "a/b.py"]


def test_an_instruction_we_can_not_run_is_refused():
    with pytest.raises(ValueError, match="unknown instructions: ADD"):
        read("FROM debian\n# a comment\nADD a b\n")


def test_the_units_are_sound(tmp_path):
    """systemd finds no fault in them; the programs are not there, so others stand for them."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    names = sorted(path.name for path in tmp_path.glob("photo-*.*") if path.is_file())
    for name in names:
        path = tmp_path / name
        path.write_text(re.sub(r"/opt/photo/\S+", "/bin/true", path.read_text()))
    paths = [str(tmp_path / name.replace("@", "@videos")) for name in names]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *paths],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_name_programs_that_are_there():
    said = "\n".join(path.read_text() for path in UNITS.glob("*.service"))
    named = set(re.findall(r"/opt/photo/(deploy/\S+)", said))
    assert named == {"deploy/web.sh", "deploy/prepare.sh"}
    assert all(Path(BASE_DIR, name).stat().st_mode & 0o111 for name in named)
