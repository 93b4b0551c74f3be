"""Who votes: a badge in a signed cookie, and what its owner has proved."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import get_random_string, salted_hmac

COOKIE = "voter"
COOKIE_SALT = "voting.identity.cookie"
COOKIE_SECONDS = 365 * 24 * 60 * 60


@dataclass(frozen=True)
class Badge:
    """What the signed cookie says of a visitor.

    `since`: when it was given, in seconds since 1970. `arrived`: where its owner came from then,
    "here", "none" or "other" (a vote itself is always sent from a page of ours). `proofs`: kind
    of identity -> what was proved: the keyed hash (64 hex digits) of an address, a phone or an
    account; for "device" the day (ISO) on which the proof of work was done.
    """

    token: str
    since: int
    saw_gallery: bool = False
    arrived: str = "none"
    proofs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Voter:
    """Whose vote it is: `key` (64 hex digits) is what ballots know them by."""

    key: str
    kind: str  # the kind of identity that is proved: one of Poll.Identity, or "" for none
    since: datetime
    saw_gallery: bool = True
    arrived: str = "none"  # as the badge has it


def badge_of(request: HttpRequest) -> Badge:
    """Return the visitor's badge; who has none, or one tampered with, gets a new one.

    The middleware gives it with the response.
    """
    known: Badge | None = getattr(request, "voter_badge", None)
    if known is None:
        known = _read(request.get_signed_cookie(COOKIE, default="", salt=COOKIE_SALT))
        if known is None:
            known = _new_badge(request)
            request.voter_badge_is_new = True  # type: ignore[attr-defined]
        request.voter_badge = known  # type: ignore[attr-defined]
    return known


def _new_badge(request: HttpRequest) -> Badge:
    since = int(timezone.now().timestamp())
    return Badge(token=get_random_string(32), since=since, arrived=referrer_of(request))


def referrer_of(request: HttpRequest) -> str:
    """Return where the browser says the visitor came from: here, none or other, by its host."""
    referrer = request.META.get("HTTP_REFERER", "")
    if not referrer:
        return "none"
    try:
        return "here" if urlsplit(referrer).netloc == request.get_host() else "other"
    except ValueError:
        return "other"


def _read(text: str) -> Badge | None:
    try:
        return Badge(**json.loads(text))
    except (ValueError, TypeError):
        return None


def keep_badge(request: HttpRequest, badge: Badge) -> None:
    """Remember a changed badge; the middleware gives it with the response."""
    request.voter_badge = badge  # type: ignore[attr-defined]
    request.voter_badge_is_new = True  # type: ignore[attr-defined]


def saw_gallery(request: HttpRequest) -> None:
    """Remember that this visitor has opened the gallery."""
    badge = badge_of(request)
    if not badge.saw_gallery:
        keep_badge(request, replace(badge, saw_gallery=True))


def keep_proof(request: HttpRequest, kind: str, value: str) -> None:
    """Remember what the visitor has proved; see Badge.proofs."""
    badge = badge_of(request)
    keep_badge(request, replace(badge, proofs={**badge.proofs, kind: value}))


def voter_of(request: HttpRequest, identity: str) -> Voter:
    """Return the voter in a poll that asks for `identity` (Poll.Identity).

    Where that is not proved yet, `kind` is "" and the key is the device's.
    """
    badge = badge_of(request)
    since = datetime.fromtimestamp(badge.since, UTC)
    proof = badge.proofs.get(identity, "")
    if proof and identity != "device":
        return Voter(_key(identity, proof), identity, since, badge.saw_gallery, badge.arrived)
    kind = identity if identity == "device" and _is_proved_device(badge) else ""
    key = _key("device", badge.token)
    return Voter(key, kind, since, badge.saw_gallery, badge.arrived)


def _is_proved_device(badge: Badge) -> bool:
    """Tell whether the device did today's proof of work, or its user proved something harder."""
    today = timezone.localdate().isoformat()
    return badge.proofs.get("device") == today or any(kind != "device" for kind in badge.proofs)


def _key(kind: str, value: str) -> str:
    return salted_hmac(f"voting.identity.{kind}", value, algorithm="sha256").hexdigest()


def set_voter_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Give a visitor whose badge is new or changed in this request the cookie; else do nothing."""
    if not getattr(request, "voter_badge_is_new", False):
        return
    response.set_signed_cookie(
        COOKIE,
        json.dumps(asdict(badge_of(request)), separators=(",", ":")),
        salt=COOKIE_SALT,
        max_age=COOKIE_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    patch_vary_headers(response, ["Cookie"])


def came_from_this_site(request: HttpRequest) -> bool:
    """Tell whether the browser says that one of our own pages sent this.

    Browsers too old to say so are left to the CSRF check, which also compares Origin.
    """
    return request.META.get("HTTP_SEC_FETCH_SITE", "same-origin") == "same-origin"
