"""A forked child has the limits of a program of its own, and dies with whoever asked for it."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from media_processing import nursery
from media_processing.limits import Limits, ProgramFailed, TooCostly
from tests.media_processing.processes import is_alive, wait_for

MODULE = "tests.media_processing.misbehaving"
ROOMY = Limits(cpu_seconds=60, wall_seconds=60, memory_mb=1024)


def python(code, **options):
    return nursery.run(MODULE, **{"limits": ROOMY, "stdin": code.encode(), **options})


def born_by():
    return int(python("import os; print(os.getppid())"))


def test_it_returns_what_the_child_wrote():
    assert python("print('hello'.upper())") == "HELLO\n"


def test_each_order_has_a_child_of_its_own_and_the_nursery_stays():
    first, second = (python("import os; print(os.getpid(), os.getppid())") for _ in range(2))
    assert first.split()[0] != second.split()[0]
    assert first.split()[1] == second.split()[1]


def test_one_child_leaves_nothing_for_the_next():
    python("import sys, os; sys.left = 1; os.environ['LEFT'] = '1'; os.umask(0o777)")
    code = "import sys, os; print(hasattr(sys, 'left'), 'LEFT' in os.environ, os.umask(0))"
    assert python(code) == f"False False {os.umask(0o022)}\n"


def test_lines_are_heard_as_they_come():
    heard = []
    python("print('one'); print('two', flush=True)", on_line=heard.append)
    assert heard == ["one", "two"]


def test_endless_cpu_is_too_costly_and_the_next_order_is_done():
    with pytest.raises(TooCostly, match="1 s of CPU"):
        python("while True: pass", limits=Limits(1, 60, 512))
    assert python("print(1)") == "1\n"


def test_the_cpu_of_earlier_orders_does_not_count():
    code = "import time\nwhile time.process_time() < 0.5: pass"
    for _ in range(7):  # alone each is far from the limit, together they are above it
        python(code, limits=Limits(3, 60, 512))


def test_endless_waiting_is_too_costly():
    begun = time.monotonic()
    with pytest.raises(TooCostly):
        python("import time; time.sleep(60)", limits=Limits(10, 1, 512))
    assert time.monotonic() - begun < 30
    assert python("print(1)") == "1\n"


def test_closing_the_pipes_does_not_escape_the_clock():
    code = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    with pytest.raises(TooCostly):
        python(code, limits=Limits(10, 1, 512))


def test_memory_is_limited_and_without_the_limit_the_same_order_is_done():
    code = "print(len(bytes(300 * 1024**2)))"
    with pytest.raises(ProgramFailed, match="MemoryError"):
        python(code, limits=Limits(60, 60, 200))
    assert python(code) == f"{300 * 1024**2}\n"


def test_a_child_is_nice_and_leaves_no_core():
    code = "import os, resource as r; print(os.nice(0), r.getrlimit(r.RLIMIT_CORE))"
    assert python(code, limits=Limits(60, 60, 512, niceness=7)) == f"{os.nice(0) + 7} (0, 0)\n"


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


def test_a_beat_that_raises_ends_the_child_and_not_the_nursery():
    bearer, pids = born_by(), []

    def beat():
        if pids:
            raise InterruptedError

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(InterruptedError):
        python(code, on_line=lambda line: pids.append(int(line)), beat=beat)
    assert not is_alive(pids[0])
    assert born_by() == bearer


def test_it_hears_nothing_of_our_environment(monkeypatch):
    nursery._lane.nurseries.clear()  # the next one is started under this environment
    monkeypatch.setenv("SECRET_KEY", "hush")
    assert "hush" not in python("import os; print(dict(os.environ))")


def test_a_child_holds_nothing_but_its_own_pipes():
    python("print(1)")
    code = "import os; print([fd for fd in os.listdir('/proc/self/fd') if int(fd) > 2])"
    assert python(code) == "['3']\n"  # that of the listing


def test_orders_hold_no_file_open_in_us():
    python("print(1)")
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        python("print(1)")
    assert os.listdir("/proc/self/fd") == before


def test_a_nursery_killed_between_orders_is_replaced():
    bearer = born_by()
    os.kill(bearer, signal.SIGKILL)
    wait_for(lambda: not is_alive(bearer))
    assert born_by() != bearer


def test_a_nursery_killed_at_work_takes_its_child_along_and_is_replaced():
    pids = []

    def on_line(line):
        pids.extend(map(int, line.split()))
        os.kill(pids[1], signal.SIGKILL)

    code = "import os, time; print(os.getpid(), os.getppid(), flush=True); time.sleep(60)"
    with pytest.raises(ProgramFailed) as caught:
        python(code, on_line=on_line)
    assert caught.value.was_killed
    assert not is_alive(pids[0])
    assert python("print(1)") == "1\n"


def test_a_module_that_cannot_be_imported_is_an_error_at_once(capfd):
    with pytest.raises(ProgramFailed, match="died twice"):
        nursery.run("tests.no_such_module", limits=ROOMY)
    assert "No module named" in capfd.readouterr().err


def test_threads_have_nurseries_of_their_own_which_end_with_them():
    ours, theirs = born_by(), []
    thread = threading.Thread(target=lambda: theirs.append(born_by()))
    thread.start()
    thread.join()
    assert theirs[0] != ours
    wait_for(lambda: not is_alive(theirs[0]))
    assert is_alive(ours)


def test_nursery_and_child_die_with_their_starter():
    inner = "import os, time; print(os.getpid(), os.getppid(), flush=True); time.sleep(60)"
    outer = (
        "from media_processing import nursery; from media_processing.limits import Limits;"
        f"nursery.run({MODULE!r}, limits=Limits(9, 60, 512), stdin={inner.encode()!r},"
        " on_line=lambda line: print(line, flush=True))"
    )
    starter = subprocess.Popen([sys.executable, "-c", outer], stdout=subprocess.PIPE, text=True)
    pids = [int(one) for one in starter.stdout.readline().split()]
    assert all(map(is_alive, pids))
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    wait_for(lambda: not any(map(is_alive, pids)))


def test_the_nursery_ends_with_an_idle_starter():
    outer = "from tests.media_processing.test_nursery import born_by; print(born_by())"
    done = subprocess.run([sys.executable, "-c", outer], capture_output=True, text=True, check=True)
    wait_for(lambda: not is_alive(int(done.stdout)))
