"""A real Redis that keeps nothing on disk."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.ports import START_SECONDS, free_port


class Redis:
    """A server that keeps nothing on disk, which can be stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError when it does not."""
        place = ["--bind", "127.0.0.1", "--port", str(self.port)]
        nothing_kept = ["--save", "", "--appendonly", "no"]
        self.server = subprocess.Popen(
            ["redis-server", *place, *nothing_kept], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Redis did not start.")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=START_SECONDS)


@contextmanager
def redis() -> Iterator[Redis]:
    """Start a server; yield it; stop it."""
    server = Redis()
    server.start()
    try:
        yield server
    finally:
        if server.server.poll() is None:
            server.stop()
