"""What the page says of a file before a byte of it is sent: the server's own sentences."""

import subprocess
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation
from PIL import Image
from playwright.sync_api import expect

from media_processing.models import MediaAsset
from media_processing.reasons import explain
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def choose(page, sign_in, tmp_path):
    """`choose(section, name, content)`: choose a file on a new draft's page."""

    def choose_one(section, name: str, content: bytes) -> None:
        path: Path = tmp_path / name
        path.write_bytes(content)
        factories.open_phase(section.edition, "call")
        member = factories.MembershipFactory()
        entry = factories.EntryFactory(
            section=section,
            organisation=member.organisation,
            created_by=member.user,
            frames=False,
        )
        sign_in(page, member.user)
        page.goto(reverse("entry-edit", args=[entry.pk]))
        page.set_input_files("#files-input", path)

    return choose_one


def picture(tmp_path: Path, file_format: str, width: int = 800, height: int = 600) -> bytes:
    path = tmp_path / "picture"
    Image.new("RGB", (width, height), "teal").save(path, file_format)
    return path.read_bytes()


def expect_sentence(page, reason: str, **values) -> None:
    row = page.locator("[data-upload]")
    expect(row).to_have_attribute("data-upload", "refused")
    with translation.override("zh-hans"):
        expect(row.locator("[data-problem]")).to_have_text(explain(reason, values))
    assert not MediaAsset.objects.exists()
    row.locator("[data-deed=dismiss]").click()
    expect(row).to_have_count(0)


def test_an_empty_file(page, choose):
    choose(factories.SectionFactory(), "a.jpg", b"")
    expect_sentence(page, "empty")


def test_a_file_that_is_too_large(page, choose):
    choose(factories.SectionFactory(max_mb=1), "a.jpg", b"x" * (2 * 1024**2))
    expect_sentence(page, "too_large", megabytes="2.0", max_megabytes="1.0")


def test_no_photo_at_all(page, choose):
    choose(factories.SectionFactory(formats=["jpeg", "png"]), "a.pdf", b"%PDF-1.7")
    expect_sentence(page, "unknown_format", allowed="JPEG, PNG")


def test_a_format_of_another_section(page, choose, tmp_path):
    choose(factories.SectionFactory(formats=["jpeg"]), "a.png", picture(tmp_path, "PNG"))
    expect_sentence(page, "format_not_allowed", format="PNG", allowed="JPEG")


def test_a_name_that_lies(page, choose, tmp_path):
    choose(factories.SectionFactory(), "a.jpg", picture(tmp_path, "PNG"))
    expect_sentence(page, "name_and_content_differ", extension="jpg", found="PNG")


def test_a_text_that_is_called_a_photo(page, choose):
    choose(factories.SectionFactory(), "a.jpg", b"<svg onload=alert(1)>")
    expect_sentence(page, "name_and_content_differ", extension="jpg", found="")


def test_a_photo_that_is_too_small(page, choose, tmp_path):
    section = factories.SectionFactory(min_long_side=3000)
    choose(section, "a.jpg", picture(tmp_path, "JPEG", 600, 1200))
    expect_sentence(page, "too_small", long_side=1200, min_long_side=3000)


def test_a_video_that_is_too_short(page, choose, tmp_path):
    clip = tmp_path / "clip.webm"
    source = ["-f", "lavfi", "-i", "testsrc=duration=2:size=160x120:rate=10"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:v", "libvpx", str(clip)], check=True)
    section = factories.SectionFactory(kind="micro_video", min_seconds=10)
    choose(section, "a.webm", clip.read_bytes())
    expect_sentence(page, "too_short", seconds="2.0", min_seconds=10)


def test_what_the_browser_cannot_read_is_left_to_the_server(page, choose):
    choose(
        factories.SectionFactory(min_long_side=3000), "a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 99
    )
    expect(page.locator("[data-asset][data-state=received]")).to_have_count(1)


def test_control_a_good_photo_is_sent(page, choose, tmp_path):
    choose(factories.SectionFactory(min_long_side=800), "a.jpg", picture(tmp_path, "JPEG"))
    expect(page.locator("[data-asset][data-state=received]")).to_have_count(1)
