"""Web server and worker side by side: a dead worker comes back, nothing outlives the end."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from portal.management.supervisor import AddressTaken, require_free
from tests.media_processing.processes import is_alive, wait_for
from tests.servers import free_port

# Says who it is in one write, for two processes share the pipe.
STAND_IN = "import os, sys, time; os.write(1, b'%s %d;' % (NAME, os.getpid())); time.sleep(60)"
SERVE = f"""
import sys
from portal.management import supervisor
def stand_in(name):
    return [sys.executable, "-c", {STAND_IN!r}.replace("NAME", repr(name))]
supervisor.web_command = lambda base_url: stand_in(b"web")
supervisor.worker_command = lambda: stand_in(b"worker")
sys.exit(supervisor.serve(sys.argv[1]))
"""


@pytest.fixture
def served():
    """Run `serve` with two processes that only say who they are; yield a reader of their words."""
    command = [sys.executable, "-c", SERVE, f"http://127.0.0.1:{free_port()}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:

        def next_words():
            words = b""
            while not words.endswith(b";"):
                words += (letter := process.stdout.read(1))
                assert letter, f"all of them ended, after {words}"
            name, pid = words.decode().strip(";").split()
            return name, int(pid)

        yield process, next_words
        if process.poll() is None:
            process.terminate()


def test_a_worker_that_was_killed_is_started_again(served):
    _process, next_words = served
    pids = dict([next_words(), next_words()])
    os.kill(pids["worker"], signal.SIGKILL)
    name, pid = next_words()
    assert name == "worker"
    assert pid != pids["worker"]
    assert is_alive(pids["web"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_ends_both_and_says_all_is_well(served, number):
    process, next_words = served
    pids = dict([next_words(), next_words()])
    process.send_signal(number)
    assert process.wait(timeout=60) == 0
    assert not any(map(is_alive, pids.values()))


def test_when_the_web_server_ends_the_worker_ends_too(served):
    process, next_words = served
    pids = dict([next_words(), next_words()])
    os.kill(pids["web"], signal.SIGKILL)
    assert process.wait(timeout=60) != 0
    wait_for(lambda: not is_alive(pids["worker"]))


def test_an_address_that_is_taken_is_refused_before_anything_starts():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(AddressTaken, match=f"127.0.0.1:{port}"):
            require_free(f"http://localhost:{port}")
