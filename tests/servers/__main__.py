import os
import subprocess
import sys
from contextlib import ExitStack

from tests.servers import object_storage, postgresql, redis


def run(command: list[str], *, engines: bool) -> int:
    """Run the command with the servers' addresses in its environment; return its exit code."""
    with ExitStack() as servers:
        environment = os.environ | {"DATABASE_URL": servers.enter_context(postgresql())}
        if engines:
            cache = servers.enter_context(redis())
            environment |= {"CACHE_URL": cache.url, "TASKS": "celery"}
            environment |= servers.enter_context(object_storage()).environment
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    arguments = sys.argv[1:]
    engines = arguments[:1] == ["--engines"]
    sys.exit(run(arguments[engines:], engines=engines))
