"""The organiser's pack: each awarded original with its credits, nothing private, the tables."""

import hashlib
import io
import subprocess
from datetime import date
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import load_workbook

from media_processing.models import MediaAsset
from portal.results import pack as packing
from portal.results.leases import working_folder
from portal.results.making import make_package
from portal.results.models import Package
from portal.results.packages import ask_for_package, remake_package
from tests.factories import CertificateFactory, FrameFactory, HonourFactory, ReplacementFactory
from tests.media_processing.makers import encoded, jpeg, make_clip, original_of, quarters
from tests.portal.results.conftest import award_to, content_of, tags_of, with_gps

pytestmark = pytest.mark.django_db

STORY = "清晨六点，\n“第一班”工人走进车间。<&>"


def made(award_list):
    """Return the finished pack, opened."""
    package = ask_for_package(award_list=award_list, kind="pack", actor=None)
    if package.state == "ready":
        remake_package(package=package, actor=None)
    make_package(package.pk)
    package.refresh_from_db()
    assert package.state == "ready"
    return ZipFile(io.BytesIO(content_of(package)))


def originals_in(archive):
    return [name for name in archive.namelist() if name.startswith("originals/")]


def rows_of(archive, sheet, tmp_path):
    path = tmp_path / "awards.xlsx"
    path.write_bytes(archive.read("awards.xlsx"))
    return [list(row) for row in load_workbook(path)[sheet].iter_rows(values_only=True)]


def test_a_photos_credits_are_in_it_and_what_is_private_is_not(final_list, tmp_path):
    award = award_to(
        final_list,
        with_gps(jpeg(400, 300), tmp_path),
        title="第一班",
        author_names="李四、张三",
        story=STORY,
        place="黄山市 光明顶",
        taken_on=date(2026, 5, 1),
    )
    archive = made(final_list)
    work = award.entry
    (name,) = originals_in(archive)
    assert name == f"originals/1 专家推荐作品/{work.number}-1 第一班.jpg"
    tags = tags_of(archive.read(name), tmp_path)
    assert tags["IPTC:By-line"] == tags["XMP-dc:Creator"] == ["李四", "张三"]
    assert tags["IFD0:Artist"] == "李四、张三"
    assert tags["IPTC:ObjectName"] == tags["XMP-dc:Title"] == "第一班"
    assert tags["IPTC:Caption-Abstract"] == tags["XMP-dc:Description"] == STORY
    assert tags["XMP-photoshop:Credit"] == str(work.organisation)
    assert tags["IPTC:CopyrightNotice"] == tags["XMP-dc:Rights"] == "© 2026 李四、张三"
    assert (tags["IPTC:City"], tags["IPTC:Sub-location"]) == ("黄山市", "光明顶")
    assert (tags["XMP-photoshop:City"], tags["XMP-iptcCore:Location"]) == ("黄山市", "光明顶")
    assert tags["IPTC:DateCreated"] == "2026:05:01"
    assert tags["IPTC:Keywords"] == tags["XMP-dc:Subject"]
    assert "专家推荐作品" in tags["IPTC:Keywords"]
    assert tags["Photoshop:IPTCDigest"] == tags["File:CurrentIPTCDigest"]
    assert tags["IFD0:Model"] == "X100"
    private = [key for key in tags if "GPS" in key or "Serial" in key or "Owner" in key]
    assert private == []
    assert "problems.txt" not in archive.namelist()


def test_without_the_writing_the_private_is_there(tmp_path):
    """The control: what the last test looks for is found in the file as it came."""
    tags = tags_of(with_gps(jpeg(400, 300), tmp_path), tmp_path)
    assert {"GPS:GPSLatitude", "ExifIFD:SerialNumber", "ExifIFD:OwnerName"} <= set(tags)


def test_the_picture_itself_and_the_original_are_untouched(final_list, tmp_path):
    content = with_gps(jpeg(400, 300), tmp_path)
    award = award_to(final_list, content)
    archive = made(final_list)

    def pixels(one):
        return hashlib.sha256(tags_free(one, tmp_path)).hexdigest()

    assert pixels(archive.read(originals_in(archive)[0])) == pixels(content)
    assert original_of(award.entry.frames.get().asset) == content


def tags_free(content, folder):
    path = folder / "bare.jpg"
    path.write_bytes(content)
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-all=", path], check=True)
    return path.read_bytes()


@pytest.mark.parametrize(("format", "extension"), [("PNG", "png"), ("TIFF", "tif")])
def test_other_pictures_have_their_credits_too(final_list, tmp_path, format, extension):
    content = encoded(quarters(64, 48), format)
    award_to(final_list, content, format=format.lower(), title="晚霞")
    archive = made(final_list)
    (name,) = originals_in(archive)
    assert name.endswith(f" 晚霞.{extension}")
    tags = tags_of(archive.read(name), tmp_path, extension)
    assert (tags["XMP-dc:Title"], tags["XMP-dc:Creator"]) == ("晚霞", "李四")
    assert ("IPTC:ObjectName" in tags) == (format == "TIFF")


def test_a_films_credits_are_in_its_container(final_list, tmp_path):
    clip = make_clip(tmp_path / "clip.mp4")
    place = ["-Keys:GPSCoordinates=30,118,5", "-UserData:GPSCoordinates=30,118,5"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *place, clip], check=True)
    assert any("GPS" in key for key in tags_of(clip.read_bytes(), tmp_path, "mp4"))
    award_to(final_list, clip.read_bytes(), format="mp4", kind="video", title="一天")
    archive = made(final_list)
    tags = tags_of(archive.read(originals_in(archive)[0]), tmp_path, "mp4")
    assert (tags["ItemList:Title"], tags["ItemList:Artist"]) == ("一天", "李四")
    assert tags["XMP-dc:Title"] == "一天"
    assert not [key for key in tags if "GPS" in key]


def test_what_cannot_be_written_into_goes_in_as_it_came_with_a_word(final_list, tmp_path):
    broken = b"\xff\xd8\xff\xe0 this is no picture"
    award_to(final_list, broken, title="坏的")
    award_to(final_list, jpeg(64, 48), title="好的")
    archive = made(final_list)
    bad, sidecar, good = originals_in(archive)
    assert archive.read(bad) == broken
    assert bad in archive.read("problems.txt").decode()
    assert good not in archive.read("problems.txt").decode()
    assert sidecar == bad.replace(".jpg", ".xmp")
    assert tags_of(archive.read(sidecar), tmp_path, "xmp")["XMP-dc:Title"] == "坏的"
    assert tags_of(archive.read(good), tmp_path)["XMP-dc:Title"] == "好的"


def test_a_series_has_all_its_frames_in_order(final_list):
    award = award_to(final_list, jpeg(64, 48), title="组照")
    asset = MediaAsset.objects.get()
    FrameFactory(entry=award.entry, position=2, caption="第二幅", asset=copy_of(asset))
    archive = made(final_list)
    number = award.entry.number
    assert [name.rpartition("/")[2] for name in originals_in(archive)] == [
        f"{number}-1 组照.jpg",
        f"{number}-2 组照.jpg",
    ]
    assert "2. 第二幅" in archive.read("captions.txt").decode()


def copy_of(asset):
    from tests.factories import AssetFactory

    copy = AssetFactory(derivatives=False)
    copy.original.save("original", ContentFile(original_of(asset)))
    return copy


def test_the_tables_say_what_was_awarded_and_to_whom(final_list, tmp_path):
    first = award_to(final_list, jpeg(64, 48), title="=SUM(A1)", author_names="李四")
    CertificateFactory(award=first, number="ZS-2026-0001")
    HonourFactory(edition=final_list.edition, reason="组织有力")
    gone = ReplacementFactory(
        award_list=final_list,
        entry__section=first.entry.section,
        lost=[
            {
                "category": "expert",
                "section": first.entry.section_id,
                "entry": first.entry_id,
                "rank": 1,
            }
        ],
    )
    archive = made(final_list)
    header, row = rows_of(archive, _("Awards"), tmp_path)
    told = dict(zip(header, row, strict=True))
    assert told[pgettext("of a work", "Title")] == "'=SUM(A1)"  # no formula
    assert told[_("Work number")] == first.entry.number
    assert "ZS-2026-0001" in row
    assert rows_of(archive, _("Awards for organising"), tmp_path)[1][2] == "组织有力"
    replaced = rows_of(archive, _("Replaced works"), tmp_path)[1]
    assert replaced[1] == gone.entry.number
    assert f"专家推荐作品 1 {first.entry.number}" in replaced
    assert rows_of(archive, _("Scores"), tmp_path)[1][0] == first.entry.number


def test_the_same_awards_give_the_same_bytes(pack):
    make_package(pack.pk)
    pack.refresh_from_db()
    first = pack.sha256
    remake_package(package=pack, actor=None)
    make_package(pack.pk)
    pack.refresh_from_db()
    assert pack.sha256 == first


def test_originals_that_were_prepared_are_not_prepared_again(pack, monkeypatch):
    real, seen = packing.embed, []

    def breaks_at_the_second(source, target, credits, *rest):
        seen.append(credits.title)
        if seen == ["晨光", "夜班"]:
            raise RuntimeError("killed")
        return real(source, target, credits, *rest)

    monkeypatch.setattr(packing, "embed", breaks_at_the_second)
    with pytest.raises(RuntimeError):
        make_package(pack.pk)
    Package.objects.filter(pk=pack.pk).update(lease_until=pack.asked_at)
    make_package(pack.pk)
    pack.refresh_from_db()
    assert (pack.state, seen) == ("ready", ["晨光", "夜班", "夜班"])
    assert not working_folder(pack).exists()


def test_the_pack_costs_the_same_queries_with_one_work_and_with_three(
    final_list, django_assert_num_queries, tmp_path
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def tables():
        awards = packing.awards_in_order(final_list)
        list(packing._originals(packing.awarded_works(awards)))
        return [list(sheet.rows) for sheet in packing.all_sheets(final_list, awards)]

    award_to(final_list, jpeg(64, 48))
    with CaptureQueriesContext(connection) as one:
        tables()
    award_to(final_list, jpeg(64, 48))
    award_to(final_list, jpeg(64, 48))
    with django_assert_num_queries(len(one)):
        assert len(tables()[0]) == 3
