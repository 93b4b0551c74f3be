"""How often codes and challenges may be asked for. Each costs money or patience."""

from django.http import HttpRequest

from portal.addresses import address_of
from portal.rates import comes_too_often
from voting.identity import badge_of

# A school or a mobile network stands behind one address; a person needs one code, or a second.
CODE_RATES = {"address": "120/h", "device": "10/h", "target": "5/h"}
WORK_RATE = "300/m"


def asks_for_too_many_codes(request: HttpRequest, target: str) -> bool:
    """Count a code against the address, the device and the target (its hash)."""
    keys = {"address": address_of(request), "device": badge_of(request).token, "target": target}
    # All are counted, also after the first that is too much.
    found = [_has_too_many(request, f"code-{key}", keys[key], CODE_RATES[key]) for key in keys]
    return any(found)


def works_too_often(request: HttpRequest) -> bool:
    """Count a challenge or a solution against the address."""
    return _has_too_many(request, "proof", address_of(request), WORK_RATE)


def _has_too_many(request: HttpRequest, group: str, value: str, rate: str) -> bool:
    return comes_too_often(request, group=f"vote-{group}", rate=rate, who=value)
