"""Names for files that people unpack: on Windows, macOS and Linux alike."""

import re
import unicodedata

# What Windows has no name with, what cannot be seen, and what ends a line.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
MOST_BYTES = 200  # of the 255 that a name may have


def file_name(text: str, ending: str) -> str:
    """Return the text as a file's name with that ending, such as ".pdf"; at most 200 bytes.

    Signs that no name may have become spaces.
    """
    seen = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    plain = " ".join(_FORBIDDEN.sub(" ", seen).split())
    room = MOST_BYTES - len(ending.encode())
    cut = plain.encode()[:room].decode(errors="ignore")
    return cut.strip(" .") + ending
