"""How often something may be done; the one door to django-ratelimit. Imports no room."""

from django.http import HttpRequest
from django_ratelimit.core import get_usage

from portal.addresses import address_of
from portal.outages import CannotCount


def comes_too_often(
    request: HttpRequest, *, group: str, rate: str, who: str = "", counts: bool = True
) -> bool:
    """Tell whether more of this group came from `who` than `rate`, as "5/h".

    `who`: whom it is counted against; the request's network when empty. `counts`: this request
    is one of them. Raises CannotCount while the cache that counts is away.
    """
    usage = get_usage(
        request,
        group=group,
        key=lambda _group, _request: who or address_of(request),
        rate=rate,
        increment=counts,
    )
    if usage["should_limit"] and usage["count"] == 0:  # so it says that it could not count
        raise CannotCount
    return bool(usage["should_limit"])
