"""A cache in the database that counts without losing: what rate limits need on one machine."""

import base64
import pickle
from datetime import datetime
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connections, router, transaction


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
