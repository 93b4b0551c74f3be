"""The only form in which the site keeps whom somebody has proved to be."""

from django.utils.crypto import salted_hmac


def keyed_hash(kind: str, value: str) -> str:
    """Return 64 hex digits: HMAC-SHA256 under a key of this kind's own, from SECRET_KEY."""
    return salted_hmac(f"voting.proofs.{kind}", value, algorithm="sha256").hexdigest()
