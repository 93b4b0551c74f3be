"""Runs every fault, one after the other, and ends with a table of what was lost.

python -m tests.faults [NAME...]
"""

import json
import subprocess
import sys
from typing import Any

FAULTS = (
    "worker_killed",
    "database_restarted",
    "redis_down",
    "storage_unavailable",
    "disk_full",
    "clock_jumps",
    "delivered_thrice",
    "two_organisers",
)
SECONDS = 600  # on a machine that does nothing else each takes less than 180


def main(names: list[str]) -> int:
    """Return 0 when nothing was lost, and every script could have noticed a loss."""
    unknown = set(names) - set(FAULTS)
    if unknown:
        sys.exit(f"No such fault: {', '.join(sorted(unknown))}. There are: {', '.join(FAULTS)}")
    ends = [run(name) for name in names or FAULTS]
    print(f"\n{'fault':42}{'seconds':>8}  lost")
    for code, found in ends:
        print(f"{found['fault']:42}{found['seconds']:>8}  {words_for(code, found)}")
    return int(any(code for code, _found in ends))


def run(name: str) -> tuple[int, dict[str, Any]]:
    """Run one script; return its exit code and its last line."""
    print(f"--- {name}", flush=True)
    command = [sys.executable, "-m", f"tests.faults.{name}"]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=False
        )
        print(done.stdout, end="", flush=True)
        return done.returncode, json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError, subprocess.TimeoutExpired) as error:
        return 1, {"fault": name, "seconds": 0, "facts": {"broke": repr(error)[:60]}}


def words_for(code: int, found: dict[str, Any]) -> str:
    if found.get("lost"):
        return ", ".join(f"{number} {what}" for what, number in found["lost"].items())
    if "skipped" in found["facts"]:
        return f"not tried: {found['facts']['skipped']}"
    return f"unknown: {found['facts'].get('broke', 'the script is blind')}" if code else "nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
