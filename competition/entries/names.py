"""What a file's name is good for: a first title, and finding the file that a sheet names. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from media_processing.formats import FORMAT_OF_EXTENSION

TITLE_LENGTH = 80

# Entrants are often asked to put their phone into the name; it must not become a public title.
_MOBILE = r"(?:\+?86[-_ ]?)?1\d{2}[-_ ]?\d{4}[-_ ]?\d{4}"
_LANDLINE = r"0\d{2,3}[-_ ]\d{7,8}"
_LONG_NUMBER = r"\d{11,17}[\dXx]?"
_PRIVATE = re.compile(rf"(?<!\d)(?:{_MOBILE}|{_LANDLINE}|{_LONG_NUMBER})(?!\d)")
_SEPARATORS = re.compile(r"[\s_+\-.,，、~]+")


def title_from_name(name: str) -> str:
    """Return the name as a title to begin with; "" when nothing of it is left.

    Without extension, phone numbers and separators, at most TITLE_LENGTH characters.
    """
    stem, _extension = split_name(name)
    printable = "".join(char for char in stem if char.isprintable() or char.isspace())
    words = _SEPARATORS.split(_PRIVATE.sub(" ", printable))
    return " ".join(word for word in words if word)[:TITLE_LENGTH].strip()


def split_name(name: str) -> tuple[str, str]:
    """Return the stem, composed (NFC), and the extension in lower case when it is one of ours."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1].strip())
    extension = PurePath(last).suffix
    if extension[1:].lower() in FORMAT_OF_EXTENSION:
        return last.removesuffix(extension), extension[1:].lower()
    return last, ""


def find_name(wanted: str, names: Iterable[str]) -> str | None:
    """Return which of the names is meant: case, extension and Unicode form may differ.

    None when none is, or when several are equally near.
    """
    key = _key(wanted)
    near = [name for name in names if _key(name)[0] == key[0]]
    exact = [name for name in near if _key(name) == key] if key[1] else []
    found = exact or near
    return found[0] if len(set(found)) == 1 else None


def _key(name: str) -> tuple[str, str]:
    stem, extension = split_name(name)
    return unicodedata.normalize("NFKC", stem).casefold().strip(), extension
