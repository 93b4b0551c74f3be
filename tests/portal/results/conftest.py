"""Final results of an edition: with certificates still to be issued, or with real originals."""

import json
import subprocess
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from portal.results.certificates import issue_certificates
from portal.results.packages import ask_for_package
from tests.factories import (
    AssetFactory,
    AssociationFactory,
    AwardFactory,
    AwardListFactory,
    CategoryFactory,
    CompanyFactory,
    EditionFactory,
    EntryFactory,
    FrameFactory,
    HonourFactory,
    SectionFactory,
    UserFactory,
    published,
)
from tests.media_processing.conftest import environment  # noqa: F401 - a fixture for the worker
from tests.media_processing.makers import jpeg


class Results:
    """A final list of one edition with a single section, and short verbs to fill it."""

    def __init__(self):
        self.edition = EditionFactory(
            slug="2026",
            title="第七届摄影大赛",
            title_en="The 7th Photo Competition",
            organiser="江城行业协会",
        )
        self.section = SectionFactory(edition=self.edition)
        self.award_list = published(self.edition.award_lists.create(version=1))
        self.categories = {}

    def category(self, code):
        names = {"expert": "专家推荐作品", "popular": "大众喜爱作品", "shortlisted": "入围作品"}
        if code not in self.categories:
            self.categories[code] = CategoryFactory(
                edition=self.edition,
                code=code,
                title=names[code],
                title_en=f"{code.capitalize()} work",
                position=list(names).index(code),
            )
        return self.categories[code]

    def award(self, code="expert", rank=1, **fields):
        organisation = fields.pop("organisation", None) or CompanyFactory()
        state = fields.pop("state", "admitted")
        entry = EntryFactory(section=self.section, organisation=organisation, state=state, **fields)
        return AwardFactory(
            award_list=self.award_list, category=self.category(code), entry=entry, rank=rank
        )

    def honour(self, name="江城市行业协会"):
        organisation = AssociationFactory(name=name)
        return HonourFactory(edition=self.edition, organisation=organisation)

    def certificate(self, **fields):
        """Return the certificate of a new award."""
        award = self.award(**fields)
        self.issue()
        return award.certificate

    def issue(self):
        return issue_certificates(award_list=self.award_list, actor=None)


@pytest.fixture
def results(db):
    return Results()


@pytest.fixture
def final_list(db):
    """A list that is final; its hour was an hour ago."""
    section = SectionFactory()
    return published(AwardListFactory(edition=section.edition))


def award_to(award_list, content, *, format="jpeg", kind="photo", **work):
    """Give an award to a new work with this file as its only original."""
    edition = award_list.edition
    category = edition.award_categories.first() or CategoryFactory(edition=edition)
    entry = EntryFactory(section=edition.sections.first(), state="admitted", frames=False, **work)
    asset = AssetFactory(format=format, kind=kind, byte_size=len(content), derivatives=False)
    asset.original.save("original", ContentFile(content))
    FrameFactory(entry=entry, asset=asset)
    rank = award_list.awards.count() + 1
    return AwardFactory(award_list=award_list, category=category, entry=entry, rank=rank)


def with_gps(content, folder: Path):
    """Return the JPEG with a place and numbers of the camera in it, as a phone writes them."""
    path = folder / "with-gps.jpg"
    path.write_bytes(content)
    tags = ["-GPSLatitude=30.1", "-GPSLatitudeRef=N", "-GPSLongitude=118.2", "-SerialNumber=4711"]
    tags += ["-LensSerialNumber=99", "-OwnerName=某人", "-XMP:GPSLatitude=30.1", "-Artist=Camera"]
    tags += ["-XMP-aux:SerialNumber=4711", "-Model=X100", "-XMP-dc:Creator=Somebody"]
    subprocess.run(["exiftool", "-q", "-overwrite_original", *tags, path], check=True)
    return path.read_bytes()


def tags_of(content: bytes, folder: Path, extension="jpg"):
    """Return what exiftool finds, keyed Group:Tag."""
    path = folder / f"looked-at.{extension}"
    path.write_bytes(content)
    program = ["exiftool", "-j", "-a", "-G1", "-ee", str(path)]
    return json.loads(subprocess.run(program, check=True, capture_output=True).stdout)[0]


@pytest.fixture
def pack(final_list):
    """The pack of a list with two awarded photos, asked for."""
    award_to(final_list, jpeg(300, 200), title="晨光")
    award_to(final_list, jpeg(200, 300), title="夜班")
    return ask_for_package(award_list=final_list, kind="pack", actor=UserFactory())


def content_of(package) -> bytes:
    with package.file.open("rb") as file:
        return file.read()


def run_out(package):
    """Let the package's lease, or its rest, be over."""
    type(package).objects.filter(pk=package.pk).update(lease_until=timezone.now())
    package.refresh_from_db()
