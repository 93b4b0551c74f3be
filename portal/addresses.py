"""From where a request comes: an address, by its network. Imports no room."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # one household or office; single addresses in it are free to take


def address_of(request: HttpRequest) -> str:
    """Return the network a request comes from: an IPv4 address, or an IPv6 network of /64.

    X-Forwarded-For is read only behind settings.TRUSTED_PROXIES proxies, and counted from
    the right: what stands further left, the client may have written.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    stated = hops[-proxies].strip() if 0 < proxies <= len(hops) else nearest
    return _network(stated) or _network(nearest) or "unknown"


@lru_cache(maxsize=1024)
def _network(address: str) -> str:
    """Return the address's network as text, or an empty text when it is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), IPV6_PREFIX), strict=False))
