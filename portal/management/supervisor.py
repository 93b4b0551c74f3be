"""Runs the web server and the worker side by side: what one machine needs to serve the site."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from types import FrameType
from urllib.parse import urlsplit

STOP_SECONDS = 20
POLL_SECONDS = 0.5

Process = subprocess.Popen[bytes]


class AddressTaken(Exception):
    """Something listens already where the site shall be served."""


def _host_and_port(base_url: str) -> tuple[str, int]:
    address = urlsplit(base_url)
    host = address.hostname or "localhost"
    return "127.0.0.1" if host == "localhost" else host, address.port or 80


def require_free(base_url: str) -> None:
    """Raise AddressTaken, saying what to do, when somebody listens there."""
    host, port = _host_and_port(base_url)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(
                f"{host}:{port} can't be used ({error.strerror}). "
                "Choose another address, e.g. BASE_URL=http://localhost:8001"
            ) from error


def free_address() -> str:
    """Return an address on this machine at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://localhost:{probe.getsockname()[1]}"


def web_command(base_url: str) -> list[str]:
    """Return the command of a web server that listens where `base_url` points."""
    host, port = _host_and_port(base_url)
    # Many threads: those that vote together share a commit (docs/decisions/casting.md).
    options = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "16"]
    place = ["--host", host, "--port", str(port), "--no-ws"]
    quiet = ["--log-level", "error"]  # its only warning is about those threads
    return [sys.executable, "-m", "granian", *options, *place, *quiet, "portal.wsgi:application"]


def worker_command(*options: str) -> list[str]:
    """Return the command of a worker."""
    return [sys.executable, "manage.py", "worker", *options]


def workers_until_idle() -> list[list[str]]:
    """Return the commands of workers that keep all cores busy and end with their work."""
    # Each works on two files at a time.
    return [worker_command("--until-idle")] * max(1, (os.cpu_count() or 1) // 2)


def serve(base_url: str) -> int:
    """Run both until Ctrl-C or SIGTERM; a worker that dies is started again.

    Raises AddressTaken.

    Returns the web server's exit code when it ends by itself, else 0.
    """
    require_free(base_url)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    # Where the web's processes add up what they count: nothing of an earlier run is there.
    with tempfile.TemporaryDirectory(prefix="portal-counts-") as counts:
        return _run(_start(web_command(base_url), PROMETHEUS_MULTIPROC_DIR=counts))


def _run(web: Process) -> int:
    worker = _start(worker_command())
    try:
        while web.poll() is None:
            if worker.poll() is not None:
                worker = _start(worker_command())
            time.sleep(POLL_SECONDS)
        return web.returncode
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(worker, web)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _start(command: list[str], **more: str) -> Process:
    return subprocess.Popen(command, env=os.environ | more)  # noqa: S603


def _stop(*processes: Process) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
