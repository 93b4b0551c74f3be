import os
import subprocess
import sys
from contextlib import ExitStack

from tests.servers import object_storage, postgresql, redis


def run(command: list[str]) -> int:
    """Run the command with the servers' addresses in its environment; return its exit code."""
    with ExitStack() as servers:
        environment = os.environ | {
            "DATABASE_URL": servers.enter_context(postgresql()),
            "CACHE_URL": servers.enter_context(redis()).url,
            "TASKS": "celery",
            **servers.enter_context(object_storage()).environment,
        }
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
