"""Faults on purpose, on real servers and real processes: what is lost is counted, not claimed.

    make faults                             # all, one after the other, with a table at the end
    python -m tests.faults.worker_killed    # one of them

See docs/faults.md.
"""
