"""A certificate as PDF: one sheet of A4 in Chinese and English, set by WeasyPrint.

Nothing is fetched: what the sheet shows, the sheet brings. Its letters are Noto Serif CJK, a
system font (deploy/setup.sh), of which each PDF holds the letters it shows.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from threading import Lock

import segno
from django.template.loader import render_to_string
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

# WeasyPrint lets Pillow accept cut-off pictures, in the whole process: uploads are judged there.
ImageFile.LOAD_TRUNCATED_IMAGES = False

# From the size that most need to the smallest that can be read; certificate.css has them.
SIZES = (1, 2, 3, 4, 5, 6)
PDF_KIND = "pdf/ua-1"  # tagged, so that it can be read aloud
# The fonts are shared, and Pango's are not made for two threads.
ONE_AT_A_TIME = Lock()
NOTHING = URLFetcher(allowed_protocols={"data"})


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
    with ONE_AT_A_TIME:
        return _typeset(sheet).write_pdf(pdf_variant=PDF_KIND)


def code_of(sheet: Sheet) -> segno.QRCode:
    """Return the QR code of the certificate's address; a quarter of it may be covered."""
    return segno.make_qr(sheet.address, error="q")


def _typeset(sheet: Sheet) -> Document:
    """Set it in the largest letters with which it is one page."""
    fonts, style = _fonts_and_style()
    for size in SIZES:
        page = HTML(string=_as_html(sheet, size), url_fetcher=NOTHING)
        document = page.render(stylesheets=[style], font_config=fonts)
        if len(document.pages) == 1:
            return document
    raise DoesNotFit(sheet.number)


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


@cache
def _fonts_and_style() -> tuple[FontConfiguration, CSS]:
    """Read once for all sheets of the process."""
    fonts = FontConfiguration()
    text = render_to_string("results/certificate.css")
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=NOTHING)
