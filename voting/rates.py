"""How often votes may come from one address, one device and one account."""

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import cast

import redis
from django.conf import settings
from django.http import HttpRequest

from portal.outages import CannotCount
from portal.rates import comes_too_often
from voting.together import Together

# An office or a mobile network stands behind one address; a person does not vote this fast.
ADDRESS_LIMIT = 300
VOTER_LIMIT = 30
SECONDS = 60

# One round trip for all keys. A minute begins with the first vote that is counted in it.
COUNT = """
local counts = {}
for place, key in ipairs(KEYS) do
    counts[place] = redis.call('INCR', key)
    if counts[place] == 1 then redis.call('EXPIRE', key, ARGV[1]) end
end
return counts
"""


def is_too_fast(request: HttpRequest, *, address: str, device: str, account: str = "") -> bool:
    """Count this vote against each of the three; tell whether one of them has too many.

    Raises CannotCount. Under its limit of a minute a person at a time is counted by device and
    account; where nobody is signed in `account` is empty.
    """
    limits = {f"address:{address}": ADDRESS_LIMIT, f"device:{device}": VOTER_LIMIT}
    if account:
        limits[f"account:{account}"] = VOTER_LIMIT
    return _by_redis(limits) if settings.CACHE_URL else _by_cache(request, limits)


def _by_redis(limits: Mapping[str, int]) -> bool:
    try:
        counts = _together.ask([_hidden(name) for name in limits])
    except redis.RedisError as error:
        raise CannotCount from error
    return any(count > limit for count, limit in zip(counts, limits.values(), strict=True))


def _count(groups: Sequence[list[str]]) -> list[list[int]]:
    """Add one to each key; return the counts of each group."""
    keys = list(chain.from_iterable(groups))
    counts = iter(_ask("EVAL", COUNT, len(keys), *keys, SECONDS))
    return [[next(counts) for _key in group] for group in groups]


_together = Together(_count)


def _hidden(name: str) -> str:
    """Return a key that does not tell the address to who looks into Redis."""
    key = settings.SECRET_KEY.encode()[:64]
    return f"voting.rates.{blake2b(name.encode(), key=key, digest_size=16).hexdigest()}"


def _ask(*command: str | int) -> list[int]:
    """Ask by a line of our own: a client with its pool costs more than all the rest of it."""
    line = _line()

    def once() -> list[int]:
        line.send_command(*command)
        return line.read_response()

    return line.retry.call_with_retry(once, lambda _error: line.disconnect())


@cache
def _line() -> redis.Connection:
    """Return this process's line to Redis: whoever asks, asks for all that wait, one at a time."""
    options = settings.CACHES["default"]["OPTIONS"]
    pool = redis.ConnectionPool.from_url(settings.CACHE_URL, **options)
    return cast(redis.Connection, pool.make_connection())


def _by_cache(request: HttpRequest, limits: Mapping[str, int]) -> bool:
    """The same where there is no Redis: each count is a statement of its own."""
    return any(
        comes_too_often(request, group="vote", rate=f"{limit}/m", who=name)
        for name, limit in limits.items()
    )
