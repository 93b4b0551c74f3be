"""Real servers for the tests, each on a loopback port of its own, stopped by its process id.

`python -m tests.servers COMMAND...` runs a command with PostgreSQL, Redis, an object storage and
the distributed task engine.
"""

from tests.servers.object_storage import Buckets, ObjectStorage, object_storage
from tests.servers.ports import free_port
from tests.servers.postgresql import PostgreSQL, postgresql, postgresql_server
from tests.servers.redis_server import Redis, redis

__all__ = [
    "Buckets",
    "ObjectStorage",
    "PostgreSQL",
    "Redis",
    "free_port",
    "object_storage",
    "postgresql",
    "postgresql_server",
    "redis",
]
