"""Caches that count without losing: in the database for one machine, in Redis for more."""

import base64
import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.db import connections, router, transaction
from redis import RedisError

logger = logging.getLogger(__name__)

MARK, MARK_SECONDS = "readyz", 24 * 3600


def cache_keeps() -> bool:
    """Tell whether what was put into the cache is there. It is put there anew once a day."""
    if cache.get(MARK) is None:
        cache.set(MARK, True, MARK_SECONDS)
    return cache.get(MARK) is True


class AtomicDatabaseCache(DatabaseCache):
    """Django's DatabaseCache with counts that hold under concurrent processes.

    The stock `incr` reads and writes in separate statements, so it loses counts, and it
    starts the key's life anew. The stock cull throws live keys away when there are many,
    so whoever makes many keys would lift everybody's rate limit.
    """

    _table: str

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add `delta` under the row's lock and return the sum.

        Raises ValueError when the key is not there or has expired.
        """
        full_key = self.make_and_validate_key(key, version=version)
        alias = router.db_for_write(self.cache_model_class)
        connection = connections[alias]
        table = connection.ops.quote_name(self._table)
        # SQLite locks on BEGIN (transaction_mode IMMEDIATE); others lock the row.
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT value FROM {table} WHERE cache_key = %s{lock}",  # noqa: S608
                [full_key],
            )
            value = self.get(key, version=version)
            if value is None:
                raise ValueError(f"Key '{key}' not found")
            packed = base64.b64encode(pickle.dumps(value + delta, self.pickle_protocol))
            cursor.execute(
                f"UPDATE {table} SET value = %s WHERE cache_key = %s",  # noqa: S608
                [packed.decode("ascii"), full_key],
            )
        return int(value + delta)

    def _cull(self, db: str, cursor: Any, now: datetime, num: int) -> None:
        """Throw expired keys away, and no others."""
        connection = connections[db]
        table = connection.ops.quote_name(self._table)
        cursor.execute(
            f"DELETE FROM {table} WHERE expires < %s",  # noqa: S608
            [connection.ops.adapt_datetimefield_value(now)],
        )


class ForgivingRedisCache(RedisCache):
    """Django's RedisCache, without which pages go on while its server is away.

    What is asked for is then not there, and nothing is kept. A count fails as it does for a
    key that is not there, so a rate limit lets nobody pass that it cannot count.
    """

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with _or_else():
            return super().get(key, default, version)
        return default

    def get_many(self, keys: Any, version: int | None = None) -> dict[str, Any]:
        with _or_else():
            return super().get_many(keys, version)
        return {}

    def add(self, key: str, *rest: Any, **more: Any) -> bool:
        with _or_else():
            return super().add(key, *rest, **more)
        return False

    def set(self, key: str, *rest: Any, **more: Any) -> None:
        with _or_else():
            super().set(key, *rest, **more)

    def set_many(self, data: Any, *rest: Any, **more: Any) -> list[str]:
        with _or_else():
            return super().set_many(data, *rest, **more)
        return list(data)

    def delete(self, key: str, version: int | None = None) -> bool:
        with _or_else():
            return super().delete(key, version)
        return False

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add `delta` and return the sum. Raises ValueError when there is nothing to add to."""
        with _or_else():
            return super().incr(key, delta, version)
        raise ValueError(f"Key '{key}' cannot be counted now")


@contextmanager
def _or_else() -> Iterator[None]:
    """Go on behind the block when the server does not answer."""
    try:
        yield
    except RedisError as error:
        logger.warning("The cache does not answer (%s).", error)
