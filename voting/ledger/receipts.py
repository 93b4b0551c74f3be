"""The receipt of a vote as people read, copy and type it.

7M3K-1A2B3-C4D5E-6F708-192A3: the ballot's id in Crockford's base 32, then its secret, 20 hex
digits in groups of five. Format: https://www.crockford.com/base32.html
"""

import hashlib

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_LENGTH = 20
GROUP = 5
GREATEST_ID = 2**63 - 1
# What is easily mistaken in reading; what stands between groups means nothing.
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys("-‐‑–—－_ \t\r\n\u3000"))


def receipt_text(ballot_id: int, secret: str) -> str:
    """Return the receipt of a ballot: `ballot_id` >= 0, `secret` 20 lower-case hex digits."""
    groups = [secret[at : at + GROUP].upper() for at in range(0, SECRET_LENGTH, GROUP)]
    return "-".join([_base32(ballot_id), *groups])


def parse_receipt(text: str) -> tuple[int, str]:
    """Return (ballot id, secret) of a receipt as typed: any case, O for 0, spaces, no dashes.

    Raises ValueError when it is no receipt.
    """
    plain = text.upper().translate(_READ_AS)
    number, secret = plain[:-SECRET_LENGTH], plain[-SECRET_LENGTH:]
    if not number or not set(number) <= set(ALPHABET) or not set(secret) <= set(ALPHABET[:16]):
        raise ValueError("not a receipt")
    ballot_id = 0
    for digit in number:
        ballot_id = ballot_id * 32 + ALPHABET.index(digit)
        if ballot_id > GREATEST_ID:
            raise ValueError("not a receipt")
    return ballot_id, secret.lower()


def receipt_digest(text: str) -> str:
    """Return what the ledger shows of a receipt: SHA-256 of `receipt_text`, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _base32(number: int) -> str:
    digits = ALPHABET[number % 32]
    while number := number // 32:
        digits = ALPHABET[number % 32] + digits
    return digits
