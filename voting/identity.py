"""Who votes, and from where: a device, known by a signed cookie; an address, by its network."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.crypto import get_random_string, salted_hmac

COOKIE = "voter"
COOKIE_SALT = "voting.identity.cookie"
COOKIE_SECONDS = 365 * 24 * 60 * 60
IPV6_PREFIX = 64  # one household or office; single addresses in it are free to take


def voter_of(request: HttpRequest) -> str:
    """Return the keyed hash (64 hex digits) by which ballots know this device.

    A device that is new, or whose cookie was tampered with, becomes a new voter; the
    middleware gives it the cookie with the response.
    """
    token = request.get_signed_cookie(COOKIE, default=None, salt=COOKIE_SALT)
    if token is None:
        token = getattr(request, "new_voter_token", None) or get_random_string(32)
        request.new_voter_token = token  # type: ignore[attr-defined]
    return salted_hmac("voting.identity.voter", token, algorithm="sha256").hexdigest()


def set_voter_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Give a voter that is new in this request the cookie to be known by; else do nothing."""
    token = getattr(request, "new_voter_token", None)
    if token is None:
        return
    response.set_signed_cookie(
        COOKIE,
        token,
        salt=COOKIE_SALT,
        max_age=COOKIE_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    patch_vary_headers(response, ["Cookie"])


def address_of(request: HttpRequest) -> str:
    """Return the network a request comes from: an IPv4 address, or an IPv6 network of /64.

    X-Forwarded-For is read only behind settings.TRUSTED_PROXIES proxies, and counted from
    the right: what stands further left, the client may have written.
    """
    nearest = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    hops = request.headers.get("X-Forwarded-For", "").split(",")
    stated = hops[-proxies].strip() if 0 < proxies <= len(hops) else nearest
    return _network(stated) or _network(nearest) or "unknown"


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


def came_from_this_site(request: HttpRequest) -> bool:
    """Tell whether the browser says that one of our own pages sent this.

    Browsers too old to say so are left to the CSRF check, which also compares Origin.
    """
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
