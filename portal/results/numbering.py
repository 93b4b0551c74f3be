"""How certificates are numbered: 2026-E-0001-7K3QXW. Plain values in, plain values out.

The edition's slug, a letter for what was won, the place in order, and a check that nobody can
guess from the rest. It is read from paper and typed, so no sign looks like another: Crockford's
base 32, https://www.crockford.com/base32.html
"""

import hmac
import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# By the code of the award category; an award for organising has none.
LETTERS = {"expert": "E", "popular": "P", "shortlisted": "S"}
ORGANISING = "O"
PLACE_LENGTH = 4
CHECK_LENGTH = 6  # 30 bits
LAST_PLACE = 10**PLACE_LENGTH - 1

_READ_AS = str.maketrans("OIL", "011")
_MEANS_NOTHING = re.compile(r"[\W_]+")
_COMPACT = re.compile(
    rf"(?P<edition>[0-9A-Z]+)(?P<letter>[EPS0])(?P<place>[0-9]{{{PLACE_LENGTH}}})"
    rf"(?P<check>[{ALPHABET}]{{{CHECK_LENGTH}}})"
)


def certificate_number(edition: str, letter: str, place: int, key: bytes) -> str:
    """Return the number of the `place`-th (1 to 9999) certificate of that letter of an edition.

    `edition` is its slug; `key` is the site's secret. Raises ValueError when the place has more
    digits than a number has room for.
    """
    if not 1 <= place <= LAST_PLACE:
        raise ValueError(f"no room for certificate {place}")
    said = f"certificate\n{edition}\n{letter}\n{place}"
    digest = hmac.digest(key, said.encode(), "sha256")
    bits = int.from_bytes(digest, "big")
    check = "".join(ALPHABET[bits >> 5 * at & 31] for at in range(CHECK_LENGTH))
    return "-".join((_plain(edition), letter, f"{place:0{PLACE_LENGTH}}", check))


def normalise(text: str) -> str:
    """Return a number as it is kept, however it was typed: any case, spaces, O for 0, I for 1.

    Raises ValueError when it is no number of a certificate.
    """
    found = _COMPACT.fullmatch(_plain(text))
    if found is None:
        raise ValueError("not a number of a certificate")
    letter = ORGANISING if found["letter"] == "0" else found["letter"]
    return "-".join((found["edition"], letter, found["place"], found["check"]))


def short_number(number: str) -> str:
    """Return what tells a certificate from the others of its edition: E-0001."""
    return "-".join(number.split("-")[1:3])


def place_of(number: str) -> tuple[str, int]:
    """Return (letter, place) of a number as it is kept."""
    _edition, letter, place, _check = number.split("-")
    return letter, int(place)


def _plain(text: str) -> str:
    """Return letters and digits only, wide ones as narrow ones, look-alikes as one."""
    narrow = unicodedata.normalize("NFKC", text).upper()
    return _MEANS_NOTHING.sub("", narrow).translate(_READ_AS)
