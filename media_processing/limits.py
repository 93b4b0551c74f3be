"""Runs a program that reads strangers' files: limited in CPU, memory and time, never a shell.

The program is started through this very file (as a script, see the end), which sets the
limits on itself and then becomes the program. Imports only the standard library.
"""

import ctypes
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

POLL_SECONDS = 0.5
STDERR_TAIL_BYTES = 4000
STDOUT_BYTES = 4 * 1024**2
PR_SET_PDEATHSIG = 1
# Nothing of the site's own environment: a decoder has no use for the secret key.
ENVIRONMENT = {
    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    "LANG": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",  # threads' arenas would eat the address space allowed
}


class TooCostly(Exception):
    """The program used up its CPU or wall seconds."""


class ProgramFailed(Exception):
    """The program ended by itself with an error; `tail` is the end of what it said."""

    def __init__(self, code: int, tail: str) -> None:
        super().__init__(f"exit code {code}: {tail.strip() or 'no message'}")
        self.code = code
        self.tail = tail

    @property
    def was_killed(self) -> bool:
        return self.code < 0


@dataclass(frozen=True)
class Limits:
    """What one program may use: seconds of CPU and on the wall, megabytes of addresses."""

    cpu_seconds: int
    wall_seconds: int
    memory_mb: int
    niceness: int = 5


class Process(Protocol):
    """A running program, as subprocess.Popen has it. `kill` and `wait` may be called again."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None
    returncode: int | None

    def kill(self) -> None: ...

    def wait(self, timeout: float | None = None) -> int:
        """Return the code, negative for a signal. Raises subprocess.TimeoutExpired."""
        ...


def run(
    arguments: Sequence[str],
    *,
    limits: Limits,
    stdin: bytes = b"",
    folder: Path | None = None,
    on_line: Callable[[str], None] = lambda line: None,
    beat: Callable[[], None] = lambda: None,
) -> str:
    """Run the program to its end and return its standard output.

    `on_line` hears each line of output as it comes; `beat` is called at least twice a second
    and may raise to stop the program. `stdin` must fit a pipe (64 kB). The program is killed
    when this function is left in any way, and by the kernel when this process or the calling
    thread dies.

    Raises TooCostly, ProgramFailed, or what `on_line` and `beat` raise.
    """
    process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
        _under_limits(arguments, limits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=ENVIRONMENT,
        process_group=0,  # Ctrl-C in the terminal is for us; we decide what becomes of it
    )
    return attend(process, limits=limits, stdin=stdin, on_line=on_line, beat=beat)


def attend(
    process: Process,
    *,
    limits: Limits,
    stdin: bytes = b"",
    on_line: Callable[[str], None] = lambda line: None,
    beat: Callable[[], None] = lambda: None,
) -> str:
    """Stay with a program that has its limits, as `run` tells, and return its output."""
    try:
        with suppress(BrokenPipeError):  # it ended before it listened; its exit code tells
            _say(process, stdin)
        stdout, tail = _listen(process, limits, on_line, beat)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            assert pipe
            pipe.close()
    if process.returncode == -signal.SIGXCPU:
        raise TooCostly(f"more than {limits.cpu_seconds} s of CPU")
    if process.returncode:
        raise ProgramFailed(process.returncode, tail)
    return stdout


def _say(process: Process, words: bytes) -> None:
    assert process.stdin
    with process.stdin:
        process.stdin.write(words)


def _listen(
    process: Process,
    limits: Limits,
    on_line: Callable[[str], None],
    beat: Callable[[], None],
) -> tuple[str, str]:
    """Read both pipes until they close; return the output and the last words."""
    deadline = time.monotonic() + limits.wall_seconds
    out, pending, tail = b"", b"", b""
    with selectors.DefaultSelector() as selector:
        assert process.stdout
        assert process.stderr
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.get_map():
            beat()
            if time.monotonic() > deadline:
                raise TooCostly(f"more than {limits.wall_seconds} s")
            for key, _ in selector.select(POLL_SECONDS):
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    tail = (tail + chunk)[-STDERR_TAIL_BYTES:]
                else:
                    out = (out + chunk)[:STDOUT_BYTES]
                    *lines, pending = (pending + chunk).split(b"\n")
                    for line in lines:
                        on_line(line.decode(errors="replace"))
    _wait(process, deadline, limits)
    return out.decode(errors="replace"), tail.decode(errors="replace")


def _wait(process: Process, deadline: float, limits: Limits) -> None:
    """Wait for the end: a program may close its pipes and live on."""
    try:
        process.wait(max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired as error:
        raise TooCostly(f"more than {limits.wall_seconds} s") from error


def _under_limits(arguments: Sequence[str], limits: Limits) -> list[str]:
    numbers = (os.getpid(), limits.cpu_seconds, limits.memory_mb, limits.niceness)
    launcher = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    return [*launcher, *map(str, numbers), *map(str, arguments)]


def _become(arguments: list[str]) -> None:
    """Set the limits on this process, then turn into the program."""
    parent, cpu_seconds, memory_mb, niceness = map(int, arguments[:4])
    die_with(parent)
    put_on(Limits(cpu_seconds, 0, memory_mb, niceness))
    os.execvp(arguments[4], arguments[4:])  # noqa: S606 - a list of arguments, no shell


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent (or the thread that started it) dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before we asked to die with it
        os._exit(1)


def put_on(limits: Limits) -> None:
    """Set the limits on this process, except that of the wall clock."""
    os.nice(limits.niceness)
    # At the soft limit comes SIGXCPU, which tells it from any other death.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb * 1024**2,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _become(sys.argv[1:])
