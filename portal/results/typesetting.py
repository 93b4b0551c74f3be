"""From HTML to PDF by WeasyPrint, which fetches nothing here."""

from collections.abc import Iterable
from functools import cache

from django.template.loader import render_to_string
from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

# WeasyPrint lets Pillow accept cut-off pictures, in the whole process: uploads are judged there.
ImageFile.LOAD_TRUNCATED_IMAGES = False

PDF_KIND = "pdf/ua-1"  # tagged, so that it can be read aloud
NOTHING = URLFetcher(allowed_protocols={"data"})


def set_on_one_page(drafts: Iterable[str]) -> bytes | None:
    """Return as PDF the first of these drafts, in HTML, that is one page; None when none is."""
    fonts, style = _fonts_and_style()
    for draft in drafts:
        page = HTML(string=draft, url_fetcher=NOTHING)
        document = page.render(stylesheets=[style], font_config=fonts)
        if len(document.pages) == 1:
            made: bytes = document.write_pdf(pdf_variant=PDF_KIND)
            return made
    return None


@cache
def _fonts_and_style() -> tuple[FontConfiguration, CSS]:
    """Read once for all sheets of the process."""
    fonts = FontConfiguration()
    text = render_to_string("results/certificate.css")
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=NOTHING)
