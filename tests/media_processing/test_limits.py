"""A program that reads strangers' files has limits, and dies with whoever started it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from media_processing.limits import Limits, ProgramFailed, TooCostly, run
from tests.media_processing.processes import is_alive, wait_for

ROOMY = Limits(cpu_seconds=60, wall_seconds=60, memory_mb=1024)


def python(code, **options):
    return run([sys.executable, "-c", code], **{"limits": ROOMY, **options})


def test_it_returns_what_the_program_wrote_and_passes_what_it_reads():
    assert python("print(input().upper())", stdin=b"hello\n") == "HELLO\n"


def test_lines_are_heard_as_they_come():
    heard = []
    python("print('one'); print('two', flush=True)", on_line=heard.append)
    assert heard == ["one", "two"]


def test_endless_cpu_is_too_costly():
    with pytest.raises(TooCostly, match="1 s of CPU"):
        python("while True: pass", limits=Limits(1, 60, 512))


def test_endless_waiting_is_too_costly():
    begun = time.monotonic()
    with pytest.raises(TooCostly):
        python("import time; time.sleep(60)", limits=Limits(10, 1, 512))
    assert time.monotonic() - begun < 30


def test_closing_the_pipes_does_not_escape_the_clock():
    code = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    with pytest.raises(TooCostly):
        python(code, limits=Limits(10, 1, 512))


def test_memory_is_limited_and_without_the_limit_the_same_program_runs():
    code = "print(len(bytes(300 * 1024**2)))"
    with pytest.raises(ProgramFailed, match="MemoryError"):
        python(code, limits=Limits(60, 60, 200))
    assert python(code) == f"{300 * 1024**2}\n"


def test_an_error_brings_the_last_words():
    with pytest.raises(ProgramFailed, match=r"exit code 3: x+goodbye$") as caught:
        python("import sys; print('x' * 9000 + 'goodbye', file=sys.stderr); sys.exit(3)")
    assert caught.value.code == 3
    assert len(caught.value.tail) == 4000
    assert not caught.value.was_killed


def test_a_kill_from_outside_is_told_from_an_error():
    with pytest.raises(ProgramFailed) as caught:
        python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert caught.value.was_killed


def test_a_flood_of_words_does_not_block():
    code = "import sys; sys.stderr.write('e' * 2_000_000); sys.stdout.write('o' * 6_000_000)"
    assert len(python(code)) == 4 * 1024**2


def test_a_beat_that_raises_ends_the_program():
    pids = []

    def beat():
        if pids:
            raise InterruptedError

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(InterruptedError):
        python(code, on_line=pids.append, beat=beat)
    assert not is_alive(pids[0])


def test_it_hears_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    assert "hush" not in python("import os; print(dict(os.environ))")


def test_arguments_are_no_shell_text():
    echo = "import sys; print(sys.argv[1])"
    assert run([sys.executable, "-c", echo, "$(id); `id`"], limits=ROOMY) == "$(id); `id`\n"


def test_the_program_dies_with_its_starter():
    inner = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    outer = (
        "import sys; from media_processing.limits import Limits, run;"
        f"run([sys.executable, '-c', {inner!r}], limits=Limits(9, 60, 512),"
        " on_line=lambda line: print(line, flush=True))"
    )
    starter = subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True)
    pid = int(starter.stdout.readline())
    assert is_alive(pid)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    wait_for(lambda: not is_alive(pid))
