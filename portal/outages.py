"""Errors that pass by themselves and are nobody's fault. Imports no room."""

import errno
from collections.abc import Iterator
from http import HTTPStatus

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from django.db import InterfaceError, OperationalError

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
# What a storage says when a clock is wrong: once it is right again, the same is no error.
CLOCK_IS_WRONG = "RequestTimeTooSkewed"


class CannotCount(Exception):
    """The cache that counts for the rate limits is away, so nobody knows who comes too often."""


AWAY = (OperationalError, InterfaceError, ConnectionError, HTTPClientError, CannotCount)


def is_outage(error: BaseException) -> bool:
    """Tell whether database, object storage or cache are away, or the disk is full."""
    return is_disk_full(error) or any(map(_is_away, _causes(error)))


def is_disk_full(error: BaseException) -> bool:
    """Tell whether something could not be written for want of room."""
    return any(isinstance(one, OSError) and one.errno in NO_ROOM for one in _causes(error))


def _is_away(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = answer.get("Error", {}).get("Code")
        return status >= HTTPStatus.INTERNAL_SERVER_ERROR or code == CLOCK_IS_WRONG
    return isinstance(error, AWAY)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error, then what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__
