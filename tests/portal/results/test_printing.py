"""What comes out of the printer: one sheet, every sign on it, and nothing fetched for it."""

import logging
import shutil
import subprocess
from dataclasses import fields, replace
from datetime import date

import pytest
import segno
from PIL import ImageFile
from weasyprint import HTML

from portal.results.printing import Sheet, code_of, print_sheet
from portal.results.typesetting import NOTHING

SHEET = Sheet(
    number="2026-E-0001-PEXFS4",
    address="https://photo.example.org/certificates/2026-E-0001-PEXFS4/",
    recipient="李四、王五",
    organisation="江城市第一建设集团有限公司",
    prize="专家推荐作品",
    prize_en="Expert-recommended work",
    edition="第七届摄影与微视频作品征集",
    edition_en="The 7th Photo and Micro-Video Exhibition",
    theme="光影之间",
    theme_en="Between light and shadow",
    organiser="江城行业协会",
    given_on=date(2026, 3, 5),
    work="晨光里的工地",
    work_number="P-000123",
    section="单幅照片",
    section_en="Single photo",
)
# Names that people have and old fonts have not: outside the first plane, new, or hardly used.
RARE = "𠮷㛃龘祎䶮喆堃翀頔"

pytestmark = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="needs poppler-utils: deploy/setup.sh test"
)


def run(tool, pdf, *more):
    """Return what one of poppler's tools says of the PDF."""
    done = subprocess.run([tool, *more, "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def text_of(pdf):
    """Return its text without spaces and line ends, which are the layout's."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def pages_of(pdf):
    lines = dict(line.split(":", 1) for line in run("pdfinfo", pdf).splitlines())
    return int(lines["Pages"])


def longest(**known):
    """Return a sheet on which each text is as long as the database lets it be."""
    lengths = {
        "recipient": 200,
        "organisation": 120,
        "prize": 60,
        "prize_en": 60,
        "edition": 120,
        "edition_en": 120,
        "theme": 200,
        "theme_en": 200,
        "organiser": 120,
        "work": 80,
        "section": 80,
        "section_en": 80,
    }
    texts = {name: "国" * length for name, length in lengths.items()}
    return replace(SHEET, **texts | known)


# --- what it says -------------------------------------------------------------------------


def test_the_sheet_says_it_in_both_languages():
    text = text_of(print_sheet(SHEET))
    for words in (
        "荣誉证书",
        "李四、王五",
        "江城市第一建设集团有限公司",
        "在“第七届摄影与微视频作品征集”（主题：光影之间）中，",
        "单幅照片作品《晨光里的工地》（编号P-000123）荣获",
        "专家推荐作品",
        "Thisistocertifythat李四、王五(江城市第一建设集团有限公司)receivedtheaward",
        "Expert-recommendedwork",
        "section:Singlephoto",
        "The7thPhotoandMicro-VideoExhibition",
        "Betweenlightandshadow",
        "2026-E-0001-PEXFS4",
        "江城行业协会",
        "2026年3月5日",
        "5March2026",
    ):
        assert words in text, words


def test_a_sheet_for_organising_names_no_work():
    sheet = replace(SHEET, recipient="江城市协会", organisation="", prize="优秀组织单位", work="")
    text = text_of(print_sheet(sheet))
    assert "组织工作成绩突出，荣获优秀组织单位" in text
    assert "《" not in text


@pytest.mark.parametrize("sign", RARE)
def test_rare_signs_of_names_are_printed_and_read_back(sign):
    assert f"王{sign}" in text_of(print_sheet(replace(SHEET, recipient=f"王{sign}")))


def test_no_sign_is_left_to_a_font_that_lacks_it(caplog):
    """A font that has no sign for a letter gets a number beyond its last: an empty box."""
    from weasyprint.pdf.fonts import Font

    lacking = []
    found = Font.get_unused_glyph_id

    def note(font, codepoint):
        lacking.append(chr(codepoint))
        return found(font, codepoint)

    Font.get_unused_glyph_id = note
    try:
        print_sheet(replace(SHEET, recipient=f"王{RARE}"))
        assert lacking == []
        # The control: letters of the private use area are in no font.
        print_sheet(replace(SHEET, recipient="王\ue9ff"))
        assert lacking != []
    finally:
        Font.get_unused_glyph_id = found


def test_its_letters_are_in_it_and_all_are_notos():
    fonts = [line.split() for line in run("pdffonts", print_sheet(SHEET)).splitlines()[2:]]
    assert {name.split("+")[1] for name, *_more in fonts} == {
        "Noto-Serif-CJK-SC",
        "Noto-Serif-CJK-SC-Bold",
    }
    assert {tuple(line[-5:-2]) for line in fonts} == {("yes", "yes", "yes")}  # emb sub uni


def test_it_can_be_read_aloud():
    told = run("pdfinfo", print_sheet(SHEET))
    assert "Tagged:          yes" in told
    assert "2026-E-0001-PEXFS4 专家推荐作品 李四、王五" in told


# --- where it fits ------------------------------------------------------------------------


def test_it_is_one_sheet_of_a4_across():
    told = run("pdfinfo", print_sheet(SHEET))
    assert "Pages:           1" in told
    assert "841.89 x 595.276 pts (A4)" in told


@pytest.mark.parametrize(
    "sheet",
    [
        longest(),
        replace(SHEET, recipient="、".join(["欧阳明月"] * 60)),
        replace(SHEET, work="长" * 100),
        longest(recipient="W" * 200, work="W" * 80),
    ],
    ids=["all at their longest", "60 authors", "title of 100", "no place to break"],
)
def test_long_texts_are_set_smaller_on_the_same_sheet(sheet):
    pdf = print_sheet(sheet)
    assert pages_of(pdf) == 1
    text = text_of(pdf)
    for name in ("recipient", "work", "organiser", "number", "theme_en"):
        assert "".join(getattr(sheet, name).split()) in text, name


def test_nothing_stands_beyond_the_frame():
    """Every word's box lies within the margins of 10 mm."""
    pdf = print_sheet(longest(recipient="、".join(["欧阳明月"] * 40)))
    done = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True
    )
    boxes = [
        dict(part.split("=") for part in line.split(">")[0].split()[1:])
        for line in done.stdout.decode().splitlines()
        if line.strip().startswith("<word")
    ]
    sides = [{key: float(value.strip('"')) for key, value in box.items()} for box in boxes]
    assert len(sides) > 20
    margin = 28
    assert min(box["xMin"] for box in sides) > margin
    assert max(box["xMax"] for box in sides) < 842 - margin
    assert max(box["yMax"] for box in sides) < 595 - margin


# --- what it must not do ------------------------------------------------------------------


def test_texts_are_texts_and_no_markup():
    text = text_of(print_sheet(replace(SHEET, work="<b>粗</b>&amp;", recipient="<img src=x>")))
    assert "<b>粗</b>&amp;" in text
    assert "<imgsrc=x>" in text


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.png", "file:///etc/hostname"])
def test_nothing_is_fetched(address, caplog):
    page = HTML(string=f'<img src="{address}" alt="x">', url_fetcher=NOTHING)
    with caplog.at_level(logging.ERROR, "weasyprint"):
        page.render()
    assert "disallowed protocol" in caplog.text


def test_the_code_holds_the_address():
    code = code_of(SHEET)
    assert code.matrix == segno.make_qr(SHEET.address, error="q").matrix
    assert code.error in ("Q", "H")


def test_every_field_of_a_sheet_is_printed():
    """Each is given a text that stands nowhere else."""
    signs = {
        field.name: f"甲{number}乙"
        for number, field in enumerate(fields(Sheet), start=100)
        if field.name not in ("given_on", "address")
    }
    text = text_of(print_sheet(replace(SHEET, **signs)))
    assert [name for name, sign in signs.items() if sign not in text] == []


def test_what_sets_the_sheets_does_not_make_a_cut_off_picture_a_whole_one():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
