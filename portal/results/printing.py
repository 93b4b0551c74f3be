"""A certificate as PDF: one sheet of A4 in Chinese and English, set by WeasyPrint.

Nothing is fetched: what the sheet shows, the sheet brings. Its letters are Noto Serif CJK, a
system font (deploy/setup.sh), of which each PDF holds the letters it shows.
"""

import re
from dataclasses import dataclass
from datetime import date
from threading import Lock

import segno
from django.template.loader import render_to_string

# From the size that most need to the smallest that can be read; certificate.css has them.
SIZES = (1, 2, 3, 4, 5, 6)
# The fonts are shared, and Pango's are not made for two threads.
ONE_AT_A_TIME = Lock()


class DoesNotFit(Exception):
    """The texts are too long for one sheet, even in the smallest letters."""


@dataclass(frozen=True)
class Sheet:
    """What stands on a certificate. Without a `work` it is one for organising.

    `address` is the QR code's; `recipient` is the authors as they shall be printed.
    """

    number: str
    address: str
    recipient: str
    organisation: str
    prize: str
    prize_en: str
    edition: str
    edition_en: str
    theme: str
    theme_en: str
    organiser: str
    given_on: date
    work: str = ""
    work_number: str = ""
    section: str = ""
    section_en: str = ""


def print_sheet(sheet: Sheet) -> bytes:
    """Return the certificate as PDF, of one page. Raises DoesNotFit.

    Some 0.25 s of one core, most of it for the fonts.
    """
    # Loaded with the first sheet: it takes a second, and looks for its libraries with a compiler.
    from portal.results.typesetting import set_on_one_page

    # In the largest letters with which it is one page.
    with ONE_AT_A_TIME:
        made = set_on_one_page(_as_html(sheet, size) for size in SIZES)
    if made is None:
        raise DoesNotFit(sheet.number)
    return made


def code_of(sheet: Sheet) -> segno.QRCode:
    """Return the QR code of the certificate's address; a quarter of it may be covered."""
    return segno.make_qr(sheet.address, error="q")


def _as_html(sheet: Sheet, size: int) -> str:
    on = sheet.given_on
    context = {
        "sheet": sheet,
        "size": size,
        "names": re.findall(r"[^、]+、?", sheet.recipient),
        "code": code_of(sheet).svg_data_uri(dark="#1c1a19", border=0),
        "date": f"{on.year}年{on.month}月{on.day}日",
        "date_en": f"{on.day} {on:%B} {on.year}",
    }
    return render_to_string("results/certificate.html", context)
