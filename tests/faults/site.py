"""The whole site for one script: its servers, its database, its web server, its worker."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portal.management.supervisor import web_command
from tests.media_processing.processes import ROOT, children_of, wait_for
from tests.servers import PostgreSQL, Redis, free_port, postgresql_server, redis

LEASE_SECONDS = 3
PATIENCE = 90
TOKEN = "a" * 32


@dataclass(frozen=True)
class Answer:
    """What the web server said; `status` 0: nothing, the line broke."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] | None = None

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def header(self, name: str) -> str:
        return (self.headers or {}).get(name.lower(), "")

    @property
    def is_clear(self) -> bool:
        """Whether it is a success, leads on, or says "not now" and when to come again."""
        return self.status in (200, 201, 204, 302) or bool(
            self.status in (503, 507) and self.text and "Traceback" not in self.text
        )


class Site:
    """Begins with an empty database. This process uses the same one by the ORM."""

    def __init__(self, folder: Path, database: PostgreSQL, cache: Redis, **more: str) -> None:
        self.folder, self.database, self.cache = folder, database, cache
        self.url = f"http://localhost:{free_port()}"
        self.environment = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database.url,
            "CACHE_URL": cache.url,
            "BASE_URL": self.url,
            "EMAIL_URL": f"filemail:///{folder}/mails",
            "SECRET_KEY": "only-for-tests-" + "x" * 40,
            "TRUSTED_PROXIES": "1",
            "MEDIA_LEASE_SECONDS": str(LEASE_SECONDS),
            "TMPDIR": str(folder / "work"),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            **more,
        }
        (folder / "work").mkdir()
        self.web: subprocess.Popen[bytes] | None = None
        os.environ |= self.environment
        self._make_tables()

    def _make_tables(self) -> None:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        call_command("createcachetable", verbosity=0)

    # --- processes ------------------------------------------------------------------------

    def start_web(self, **more: str) -> None:
        """Start the web server as production does, and wait until it answers."""
        environment = os.environ | more
        self.web = subprocess.Popen(web_command(self.url), env=environment, cwd=ROOT)
        wait_for(lambda: self.get("/robots.txt").status == 200, seconds=PATIENCE)

    def kill_web(self) -> None:
        """End it and its workers at once."""
        if self.web:
            kill(self.web)

    @contextmanager
    def worker(
        self, *command: str, folder: Path = ROOT, **more: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker (or a program like one) as a process of its own; kill it at the end."""
        program = [sys.executable, *(command or ("manage.py", "worker"))]
        process = subprocess.Popen(program, env=os.environ | more, cwd=folder)
        try:
            yield process
        finally:
            kill(process)

    # --- requests -------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Send one request; header names with _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("localhost", urlsplit(self.url).port, timeout=PATIENCE)
        try:
            with closing(line):
                line.request(method, path, headers=named | _length(method, body))
                with suppress(OSError):  # who has been answered already need not be heard out
                    line.send(body)
                answer = line.getresponse()
                found = {name.lower(): value for name, value in answer.getheaders()}
                return Answer(answer.status, answer.read(), found)
        except (OSError, http.client.HTTPException):
            return Answer(0)


def _length(method: str, body: bytes) -> dict[str, str]:
    return {} if method in ("GET", "HEAD") else {"Content-Length": str(len(body))}


@contextmanager
def faulty_site(*, durable: bool = False, **more: str) -> Iterator[Site]:
    """Start PostgreSQL, Redis and an empty site over them; end and delete all of it."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="portal-fault-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(postgresql_server(durable=durable))
        cache = stack.enter_context(redis())
        site = Site(folder, database, cache, **more)
        stack.callback(_close_connections)
        stack.callback(site.kill_web)
        yield site


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill -9 a process of ours and all that it started."""
    for pid in (*children_of(process.pid), process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def until(condition: Any, *, seconds: float) -> bool:
    """Wait for the condition; tell whether it came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
