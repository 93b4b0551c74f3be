"""Each award and honour of final results has one certificate, whatever is pressed how often."""

import zipfile

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils.timezone import localdate
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry

from competition.awards.keeping import AwardsRefused
from portal.results import certificates as room
from portal.results.certificates import (
    address_of,
    certificates_of,
    certificates_of_user,
    certificates_of_work,
    issue_certificates,
    make_certificates,
    pdf_name,
    sheet_of,
)
from portal.results.models import Certificate
from portal.results.names import MOST_BYTES, file_name
from portal.results.numbering import short_number
from tests.factories import MembershipFactory, PackageFactory, UserFactory

pytestmark = pytest.mark.django_db


def short_numbers(results):
    rows = certificates_of(results.award_list).order_by("pk")
    return [short_number(row.number) for row in rows]


# --- issuing ------------------------------------------------------------------------------


def test_numbers_follow_categories_ranks_and_work_numbers(results):
    results.award("popular", rank=1, title="甲")
    results.award("expert", rank=2, title="乙", number="P-2")
    results.award("expert", rank=2, title="丙", number="P-1")
    results.award("expert", rank=1, title="丁", number="P-9")
    results.honour()
    assert results.issue() == 5
    titles = {
        short_number(row.number): row.award.entry.title
        for row in certificates_of(results.award_list).filter(honour=None)
    }
    assert titles == {"E-0001": "丁", "E-0002": "丙", "E-0003": "乙", "P-0001": "甲"}
    assert short_numbers(results)[-1] == "O-0001"


def test_issued_twice_nothing_is_new(results):
    results.award()
    assert results.issue() == 1
    before = list(Certificate.objects.values())
    assert results.issue() == 0
    assert list(Certificate.objects.values()) == before


def test_an_honour_that_comes_later_gets_the_next_number(results):
    results.award()
    results.honour("甲市协会")
    results.issue()
    results.honour("乙市协会")
    assert results.issue() == 1
    assert short_numbers(results) == ["E-0001", "O-0001", "O-0002"]


def test_who_issued_them_is_on_record(results):
    results.award()
    actor = UserFactory()
    issue_certificates(award_list=results.award_list, actor=actor)
    issue_certificates(award_list=results.award_list, actor=actor)  # nothing new, no line
    line = ModelLogEntry.objects.get(action="results.certificates.issue")
    assert (line.user, line.data) == (actor, {"version": 1, "issued": 1})


@pytest.mark.parametrize("state", ["proposed", "confirmed", "noticed", "replaced"])
def test_a_list_that_is_not_final_has_no_certificates(results, state):
    results.award()
    results.award_list.state = state
    results.award_list.noticed_at = results.award_list.published_at
    results.award_list.save()
    with pytest.raises(AwardsRefused):
        results.issue()
    assert not Certificate.objects.exists()


def test_the_database_itself_refuses_a_second_certificate_of_an_award(results):
    certificate = results.certificate()
    with pytest.raises(IntegrityError):
        Certificate.objects.create(number="another", award=certificate.award)


@pytest.mark.parametrize("awards", [1, 3])
def test_issuing_costs_the_same_however_many_there_are(results, awards):
    results.certificate()  # by then the log knows its kinds of rows
    for _ in range(awards):
        results.award()
    with CaptureQueriesContext(connection) as queries:
        results.issue()
    assert len(queries) == 11


# --- what it says -------------------------------------------------------------------------


@override_settings(WAGTAILADMIN_BASE_URL="https://photo.example.org")
def test_the_sheet_says_to_whom_for_what_and_when(results):
    certificate = results.certificate(
        title="晨光", author_names="李四、王五", number="P-7", organisation=None
    )
    sheet = sheet_of(certificate)
    assert (sheet.recipient, sheet.organisation) == (
        "李四、王五",
        certificate.award.entry.organisation.name,
    )
    assert (sheet.work, sheet.work_number) == ("晨光", "P-7")
    assert (sheet.prize, sheet.prize_en) == ("专家推荐作品", "Expert work")
    assert (sheet.section, sheet.section_en) == ("单幅照片", "Single photo")
    assert (sheet.edition, sheet.edition_en) == ("第七届摄影大赛", "The 7th Photo Competition")
    assert (sheet.theme, sheet.theme_en) == ("光影之间", "Between light and shadow")
    assert sheet.organiser == "江城行业协会"
    assert sheet.given_on == localdate(results.award_list.published_at)
    assert sheet.address == f"https://photo.example.org/certificates/{certificate.number}/"


def test_the_code_leads_to_the_chinese_page_whoever_prints(results):
    certificate = results.certificate()
    with override("en"):
        assert "/en/" not in address_of(certificate)


def test_without_english_words_the_chinese_ones_stand_in(results):
    certificate = results.certificate()
    edition = certificate.award.award_list.edition
    edition.title_en = edition.theme_en = ""
    certificate.award.category.title_en = ""
    certificate.award.entry.section.title_en = ""
    sheet = sheet_of(certificate)
    assert (sheet.edition_en, sheet.theme_en) == (edition.title, edition.theme)
    assert (sheet.prize_en, sheet.section_en) == ("Expert-recommended works", "单幅照片")


def test_an_organisation_is_named_for_organising(results):
    honour = results.honour("江城市行业协会")
    results.issue()
    sheet = sheet_of(honour.certificate)
    assert (sheet.recipient, sheet.prize, sheet.work) == ("江城市行业协会", "优秀组织单位", "")
    assert pdf_name(honour.certificate) == "O-0001 江城市行业协会.pdf"


# --- whose --------------------------------------------------------------------------------


def test_entrants_see_their_own(results):
    ours, theirs = results.certificate(title="甲"), results.certificate(title="乙")
    member = MembershipFactory(organisation=ours.award.entry.organisation).user
    assert certificates_of_user(member) == [ours]
    assert certificates_of_work(ours.award.entry) == [ours]
    assert certificates_of_work(theirs.award.entry) == [theirs]
    assert certificates_of_user(UserFactory()) == []


def test_an_association_sees_its_award_for_organising(results):
    honour = results.honour()
    results.issue()
    member = MembershipFactory(organisation=honour.organisation).user
    assert certificates_of_user(member) == [honour.certificate]


def test_a_work_that_has_left_the_competition_shows_none(results):
    certificate = results.certificate()
    entry = certificate.award.entry
    type(entry).objects.update(state="disqualified")
    assert certificates_of_work(entry) == []


# --- all in one ZIP -----------------------------------------------------------------------


class Printer:
    """Stands in for the printing, and counts it."""

    def __init__(self, monkeypatch):
        self.printed = []
        monkeypatch.setattr(room, "print_sheet", self)

    def __call__(self, sheet):
        self.printed.append(sheet.number)
        return f"%PDF of {sheet.recipient}".encode()


@pytest.fixture
def printer(monkeypatch):
    return Printer(monkeypatch)


@pytest.fixture
def package(results):
    return PackageFactory(award_list=results.award_list, kind="certificates")


def test_every_certificate_is_in_the_zip_under_a_name_that_tells_it(
    results, package, printer, tmp_path
):
    results.award(title="晨光：一/二", author_names="李四、王五")
    results.award("popular", title="夜", author_names="张三")
    results.honour("江城市行业协会")
    steps = []
    packed = make_certificates(package, tmp_path, lambda *step: steps.append(step))
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == [
            "E-0001 晨光：一 二 李四、王五.pdf",
            "O-0001 江城市行业协会.pdf",
            "P-0001 夜 张三.pdf",
        ]
        assert archive.read("P-0001 夜 张三.pdf").decode() == "%PDF of 张三"
        assert {item.compress_type for item in archive.infolist()} == {zipfile.ZIP_STORED}
        assert all(item.flag_bits & 0x800 for item in archive.infolist())  # names are UTF-8
    assert steps == [(1, 3), (2, 3), (3, 3)]


class Killed(BaseException):
    pass


def test_killed_half_way_only_what_is_missing_is_printed(results, package, printer, tmp_path):
    for _ in range(3):
        results.award()

    def die_at_the_second(done, total):
        if done == 2:
            raise Killed

    with pytest.raises(Killed):
        make_certificates(package, tmp_path, die_at_the_second)
    first = list(printer.printed)
    assert len(first) == 2
    packed = make_certificates(package, tmp_path, lambda done, total: None)
    assert len(printer.printed) == len(set(printer.printed)) == 3
    assert len(zipfile.ZipFile(packed).namelist()) == 3


def test_a_sheet_half_written_is_printed_again(results, package, printer, tmp_path):
    number = results.certificate().number
    (tmp_path / f"{number}.part").write_bytes(b"%PDF of")
    make_certificates(package, tmp_path, lambda done, total: None)
    assert printer.printed == [number]
    assert (tmp_path / f"{number}.pdf").read_bytes() == b"%PDF of \xe6\x9d\x8e\xe5\x9b\x9b"


# --- names of files -----------------------------------------------------------------------


@given(st.text(), st.sampled_from([".pdf", ".jpeg"]))
def test_any_title_makes_a_name_that_every_system_takes(text, ending):
    name = file_name(f"E-0001 {text}", ending)
    assert name.startswith("E-0001")
    assert name.endswith(ending)
    assert not set(name) & set('<>:"/\\|?*\0\n\r\t\u202e')
    assert len(name.encode()) <= MOST_BYTES
    assert not name.removesuffix(ending).endswith((" ", "."))


def test_a_long_title_is_cut_between_signs():
    assert file_name("一" * 90, ".pdf") == "一" * 65 + ".pdf"
