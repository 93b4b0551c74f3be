"""What is kept of a vote to find fraud by: keyed hashes, which differ from poll to poll."""

import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.addresses import address_of
from voting.identity import Voter

IPV4_NETWORK, IPV6_NETWORK = 24, 48  # what one provider commonly gives to one customer or mast
HEX_DIGITS = 32  # 128 bits
# Browsers say more than any honest one needs; what is read is bounded.
LONGEST = 500


@dataclass(frozen=True)
class Facts:
    """Of one vote. `address`, `network`, `device`: 32 hex digits each; see models.Evidence.

    `referrer`: how the voter arrived at the site (identity.Badge), not what the vote was sent from.
    """

    address: str
    network: str
    device: str
    referrer: str
    saw_gallery: bool
    voter_since: datetime


def facts_of(request: HttpRequest, poll_id: int, voter: Voter) -> Facts:
    """Return what this request tells of who sends it; nothing raw is in it."""

    key = _key(poll_id)

    def hashed(kind: str, value: str) -> str:
        return hmac.digest(key, f"{kind} {value}".encode(), "sha256").hex()[:HEX_DIGITS]

    address = address_of(request)
    return Facts(
        address=hashed("address", address),
        network=hashed("network", network_of(address)),
        device=hashed("device", _browser(request)),
        referrer=voter.arrived,
        saw_gallery=voter.saw_gallery,
        voter_since=voter.since,
    )


@lru_cache(maxsize=16)
def _key(poll_id: int) -> bytes:
    return salted_hmac("voting.evidence", str(poll_id), algorithm="sha256").digest()


def network_of(address: str) -> str:
    """Return the IPv4 /24 or IPv6 /48 of what addresses.address_of returns; "unknown" stays."""
    if "." in address:
        return f"{address.rpartition('.')[0]}.0/{IPV4_NETWORK}"
    try:
        known = ipaddress.ip_network(address)
    except ValueError:
        return address
    return str(known.supernet(new_prefix=IPV6_NETWORK))


def _browser(request: HttpRequest) -> str:
    said = (request.META.get(name, "") for name in ("HTTP_USER_AGENT", "HTTP_ACCEPT_LANGUAGE"))
    return "\n".join(part[:LONGEST] for part in said)
