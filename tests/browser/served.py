"""A web server as in production, on a port and data of its own, that a test may kill."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from portal.management.supervisor import web_command
from tests.media_processing.processes import children_of
from tests.servers.ports import START_SECONDS, free_port

EMBEDDED = {"DATABASE_URL": "", "CACHE_URL": "", "TASKS": "database", "S3_ORIGINALS_BUCKET": ""}


class Server:
    """granian as `manage.py serve` starts it, over a SQLite database and files in `folder`."""

    def __init__(self, folder: Path, settings: str = "portal.settings.development") -> None:
        self.url = f"http://localhost:{free_port()}"
        own = {"DATA_DIR": str(folder), "BASE_URL": self.url, "DJANGO_SETTINGS_MODULE": settings}
        self.env = os.environ | EMBEDDED | own
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    def over_new_tables(cls, folder: Path, **more: str) -> Self:
        """Return one whose tables are made without their history, which takes half a minute."""
        one = cls(folder, settings="tests.faults.settings")
        one.env |= more
        one.manage("migrate", "--run-syncdb", "--verbosity", "0")
        one.manage("createcachetable")
        return one

    def manage(self, *command: str) -> str:
        """Run a management command on the same data; return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command], env=self.env, check=True, capture_output=True
        )
        return done.stdout.decode()

    def start(self) -> None:
        self.process = subprocess.Popen(web_command(self.url), env=self.env)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("The server did not start; its own words are above.")
            time.sleep(0.2)

    def stop(self) -> None:
        """Kill it as an operator with no patience does: by its process id, workers too."""
        if self.process is None:
            return
        for pid in (*children_of(self.process.pid), self.process.pid):
            _kill(pid)
        self.process.wait()
        self.process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/robots.txt", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 9)
