"""Runs a module of ours under limits without starting Python anew: what is imported is forked.

Python and the decoders' libraries take a quarter of a second of CPU to start, as much as a
quarter of a photo's work. So each lane of the worker keeps a nursery: a process of one thread,
without Django, that has the module imported and itself reads nothing of strangers'. For each
order it forks a child that puts on its limits, does the one order and ends. The child has the
same limits as a program started by `limits.run`, and dies in the same cases.

Over the socket go the limits and the child's three pipes; back come a handle of the child (a
pidfd: unlike a number it never means another process) and, when it has ended, its exit code.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from media_processing.limits import (
    ENVIRONMENT,
    Limits,
    ProgramFailed,
    attend,
    die_with,
    put_on,
)

# Where `python -m media_processing...` finds this package.
HOME = Path(__file__).parent.parent
MESSAGE_BYTES = 1024
# A child lives for one picture. What it frees it keeps, for the next still to be put there: memory
# that goes back and forth costs a fiftieth of its CPU.
KEPT_MEMORY = {
    "MALLOC_TOP_PAD_": str(64 * 1024**2),
    "MALLOC_MMAP_THRESHOLD_": str(256 * 1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(256 * 1024**2),
}
# A nursery that has not borne a child by then never will.
BIRTH_SECONDS = 60.0


def run(
    module: str,
    *,
    limits: Limits,
    stdin: bytes = b"",
    on_line: Callable[[str], None] = lambda line: None,
    beat: Callable[[], None] = lambda: None,
) -> str:
    """Run the module's `main()` in a process of its own and return its standard output.

    The rest is as `limits.run` tells. A nursery belongs to the thread that asks, and dies with
    it; when it has been killed, another takes its place.
    """
    child = _bear(module, limits)
    return attend(child, limits=limits, stdin=stdin, on_line=on_line, beat=beat)


class Child:
    """A child of a nursery, in the shape of `limits.Process`."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None

    def __init__(self, control: socket.socket, handle: int, pipes: Sequence[IO[bytes]]) -> None:
        self.control, self.handle = control, handle
        self.stdin, self.stdout, self.stderr = pipes
        self.returncode: int | None = None

    def kill(self) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self.returncode = self._exit_code(timeout)
            os.close(self.handle)
        return self.returncode

    def _exit_code(self, timeout: float | None) -> int:
        self.control.settimeout(timeout)
        try:
            if words := self.control.recv(MESSAGE_BYTES):
                return int(words)
        except TimeoutError as error:
            raise subprocess.TimeoutExpired("the child", timeout or 0) from error
        except ConnectionError:
            pass
        # The nursery is dead, and by the kernel's hand so is its child, in a moment.
        ended = select.poll()
        ended.register(self.handle, select.POLLIN)
        ended.poll()
        return -signal.SIGKILL


class Nursery:
    """The process that bears children. Killed when it is no more referred to."""

    def __init__(self, module: str) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        numbers = (os.getpid(), theirs.fileno())
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
                [sys.executable, "-m", __name__, module, *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=HOME,
                env=ENVIRONMENT | KEPT_MEMORY,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C in the terminal is for us
            )
        self.end = weakref.finalize(self, _end, process, self.control)

    def bear(self, limits: Limits) -> Child:
        """Return a child that has its limits on and waits for its order. Raises OSError."""
        (reads, order), (answer, writes), (words, warns) = (os.pipe() for _ in range(3))
        pipes = [os.fdopen(order, "wb"), os.fdopen(answer, "rb"), os.fdopen(words, "rb")]
        try:
            self.control.settimeout(BIRTH_SECONDS)
            socket.send_fds(
                self.control, [json.dumps(asdict(limits)).encode()], [reads, writes, warns]
            )
            _, handles, _, _ = socket.recv_fds(self.control, MESSAGE_BYTES, 1)
            if not handles:
                raise ConnectionResetError("the nursery is dead")
        except BaseException:
            self.end()  # what it would say next is no answer to what we ask next
            for pipe in pipes:
                pipe.close()
            raise
        finally:
            for fd in (reads, writes, warns):
                os.close(fd)
        return Child(self.control, handles[0], pipes)


class _Lane(threading.local):
    """The nurseries of this thread, by module."""

    def __init__(self) -> None:
        self.nurseries: dict[str, Nursery] = {}


_lane = _Lane()


def _bear(module: str, limits: Limits) -> Child:
    """Return a child of this thread's nursery, or of a new one where it has died."""
    for _ in range(2):
        nursery = _lane.nurseries.get(module) or Nursery(module)
        with suppress(OSError):
            child = nursery.bear(limits)
            _lane.nurseries[module] = nursery
            return child
        _lane.nurseries.pop(module, None)
    raise ProgramFailed(-signal.SIGKILL, "the nursery died twice")


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()
    process.kill()
    process.wait()


def _serve(module: str, starter: int, control: socket.socket) -> None:
    """Be a nursery, until the starter is gone; in the child, do the order and return."""
    die_with(starter)
    program = importlib.import_module(module)
    gc.freeze()  # else a child would copy every page when it looks for garbage
    nursery = os.getpid()
    while True:
        words, pipes, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 3)
        if not words:
            return
        pid = os.fork()
        if pid == 0:
            control.close()
            die_with(nursery)
            _dress(Limits(**json.loads(words)), pipes)
            program.main()
            return
        handle = os.pidfd_open(pid)
        socket.send_fds(control, [b"born"], [handle])
        for fd in (handle, *pipes):
            os.close(fd)
        control.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _dress(limits: Limits, pipes: list[int]) -> None:
    """Put on the limits, and take the pipes as standard input, output and error."""
    put_on(limits)
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]), socket.socket(fileno=int(sys.argv[3])))
