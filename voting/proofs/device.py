"""A proof of work (ALTCHA, version 2): what a device does once a day before it may vote.

It shows no person. It makes a thousand cleared cookies cost a thousand times the work, and needs
neither a third party nor anything that people have to solve.
"""

import binascii
import json
import secrets
from datetime import timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from django.core.cache import cache
from django.utils import timezone

from voting.proofs.hashes import keyed_hash

ALGORITHM = "PBKDF2/SHA-256"  # what browsers do natively, outside the page's own thread
# One try took a desktop's Chromium 0.4 ms; a phone of the middle class is taken to be four or five
# times slower, so a first press waits about 1 s there, 1.5 s at most: the counter that solves it
# is drawn from a range, not left to luck. To set it costs the server one try; to check it, an HMAC.
ITERATIONS = 2000
COUNTERS = range(250, 750)
LIFE = timedelta(minutes=10)


def make_challenge() -> dict[str, Any]:
    """Return a challenge, signed and good for LIFE, as the browser solves it (see proof.js)."""
    challenge = create_challenge(
        ALGORITHM,
        ITERATIONS,
        counter=secrets.choice(COUNTERS),
        expires_at=timezone.now() + LIFE,
        hmac_secret=keyed_hash("device", "challenge"),
        hmac_key_secret=keyed_hash("device", "key"),
    )
    return challenge.to_dict()


def is_solved(text: str) -> bool:
    """Tell whether this is the solution (base64 of JSON) of a challenge of ours, its first use."""
    try:
        payload = Payload.from_base64(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return False
    try:
        result = verify_solution(
            payload,
            keyed_hash("device", "challenge"),
            hmac_key_secret=keyed_hash("device", "key"),
        )
    except (ValueError, TypeError, AttributeError):  # a signed form, filled with nonsense
        return False
    return bool(result.verified) and _is_first_use(payload)


def _is_first_use(payload: Payload) -> bool:
    # One second more than it lives, so that it is dead before it is forgotten.
    key = f"voting-proof-{payload.challenge.signature}"
    return bool(cache.add(key, 1, LIFE.total_seconds() + 1))


def solution_text(challenge: dict[str, Any], counter: int, derived_key: str) -> str:
    """Return what a browser posts as its solution: base64 of JSON."""
    solution = {"counter": counter, "derivedKey": derived_key}
    text = json.dumps({"challenge": challenge, "solution": solution})
    return binascii.b2a_base64(text.encode(), newline=False).decode()
