"""What a file's name is good for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.entries.names import find_name, title_from_name


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("晨光.jpg", "晨光"),
        ("李四_13800000000_晨光-船坞.JPG", "李四 晨光 船坞"),
        ("+86 138-0000-0000 山.png", "山"),
        ("0574-12345678海.heic", "海"),
        ("110101199003071234.jpg", ""),
        ("DSC_0012.jpg", "DSC 0012"),
        ("2026-05-01 集市.mp4", "2026 05 01 集市"),
        ("C:\\图\\../a\x00b.jpg", "ab"),
        ("没有扩展名", "没有扩展名"),
        ("x" * 100 + ".tiff", "x" * 80),
    ],
)
def test_a_title_is_the_name_without_extension_phone_and_separators(name, title):
    assert title_from_name(name) == title


@given(st.text(max_size=300))
def test_a_title_fits_and_can_be_shown(name):
    title = title_from_name(name)
    assert len(title) <= 80
    assert title == title.strip()
    assert title.isprintable()
    assert "_" not in title


@given(
    st.from_regex(r"1[3-9]\d{9}", fullmatch=True),
    st.text("山水船_- ", max_size=9),
    st.text("山水船_- ", max_size=9),
)
def test_no_phone_number_becomes_a_title(phone, before, after):
    assert phone not in title_from_name(f"{before}{phone}{after}.jpg").replace(" ", "")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("a.jpg", "A.JPG"),
        ("a", "A.JPG"),
        ("a.jpeg", "A.JPG"),
        ("Ａ.jpg", "A.JPG"),
        ("É.jpg", unicodedata.normalize("NFD", "É.jpg")),
        ("b.mp4", "b.mp4"),
        ("b", None),
        ("c", None),
    ],
)
def test_a_file_is_found_whatever_case_extension_and_form_its_name_has(wanted, found):
    names = ["A.JPG", unicodedata.normalize("NFD", "É.jpg"), "b.jpg", "b.mp4"]
    assert find_name(wanted, names) == found
