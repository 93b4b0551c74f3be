"""The reports: right figures, only one's own, constant queries, and a workbook with all."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.models import ModelLogEntry

from competition.awards.models import Award, AwardList
from competition.entries.services import admit_entry, reject_entry
from competition.reports.queries import participation, submitted_works
from competition.screening.services import forward_entry, return_for_revision
from portal.accounts.groups import ORGANISERS
from portal.permissions import set_group_permissions
from tests.admin.conftest import sign_in
from tests.competition.entries.worlds import World
from tests.factories import (
    AssociationFactory,
    CategoryFactory,
    CompanyFactory,
    EntryFactory,
    FrameFactory,
)

pytestmark = pytest.mark.django_db
OWN, ALL = reverse("participation"), "competition_participation"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def organiser():
    set_group_permissions()
    return sign_in(ORGANISERS)


@pytest.fixture
def manager(client, world):
    client.force_login(world.manager)
    return client


def figures(group):
    return [(count.works, count.pictures) for count in group.figures.in_order()]


def workbook(response):
    return load_workbook(BytesIO(b"".join(response.streaming_content)))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_figures_are_by_association_and_company_as_works_and_as_pictures(world):
    forwarded, admitted = world.submitted(), world.submitted()
    FrameFactory(entry=admitted, position=2)
    for work in (forwarded, admitted):
        forward_entry(entry=work, user=world.manager)
    admit_entry(entry=admitted, user=world.organiser)
    return_for_revision(entry=world.submitted(), user=world.manager, reason="太暗")
    world.entry("submitted", organisation=world.association, number="X-000001")
    world.draft()
    lonely = CompanyFactory(association=None)
    world.entry("submitted", organisation=lonely, number="X-000002")
    own, none = participation(submitted_works(world.edition))
    assert (own.association, none.association) == (world.association, None)
    assert {line.organisation for line in own.lines} == {world.association, world.company}
    assert figures(own) == [(4, 5), (1, 1), (2, 3), (1, 2)]
    assert figures(none) == [(1, 1), (0, 0), (0, 0), (0, 0)]


def test_an_association_sees_itself_and_its_companies_only(world, manager):
    world.submitted()
    other = EntryFactory(section=world.section, state="submitted")
    page = manager.get(OWN)
    assert [group.association for group in page.context["groups"]] == [world.association]
    assert other.organisation.name not in page.content.decode()
    book = workbook(manager.get(OWN + "?export=xlsx"))
    assert other.organisation.name not in str([rows(sheet) for sheet in book])
    assert world.company.name in str(rows(book.worksheets[0]))


def test_who_manages_no_association_finds_nothing(world, client):
    for person in (world.entrant, world.stranger, world.organiser):
        client.force_login(person)
        for address in (OWN, OWN + "?export=xlsx"):
            assert client.get(address).status_code == 404
    client.logout()
    assert client.get(OWN).status_code == 302


def test_an_edition_that_is_not_there_is_not_found(world, manager, organiser):
    assert manager.get(OWN + "?edition=nowhere").status_code == 404
    assert organiser.get(reverse(ALL) + "?edition=nowhere").status_code == 404


def test_an_association_manager_does_not_reach_the_organisers_report(world, manager):
    set_group_permissions()
    assert manager.get(reverse(ALL)).status_code == 302


def test_an_organiser_sees_all(world, organiser):
    world.submitted()
    lonely = world.entry(
        "submitted", organisation=CompanyFactory(association=None), number="X-000001"
    )
    page = organiser.get(reverse(ALL))
    assert page.context["total"].submitted.works == 2
    assert lonely.organisation.name in page.content.decode()


def test_with_nothing_submitted_it_says_so(world, organiser, manager):
    for page in (organiser.get(reverse(ALL)), manager.get(OWN)):
        assert page.context["groups"] == []


def test_with_no_edition_at_all_the_page_opens(organiser):
    assert organiser.get(reverse(ALL)).status_code == 200


def test_both_pages_cost_the_same_with_one_row_and_with_three(world, organiser, manager):
    def add():
        company = CompanyFactory(association=AssociationFactory())
        for home in (company, CompanyFactory(association=world.association)):
            EntryFactory(section=world.section, organisation=home, state="submitted")

    def cost(client, address):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    pages = [(organiser, reverse(ALL)), (manager, OWN)]
    add()
    one = [cost(*page) for page in pages]
    add()
    add()
    assert [cost(*page) for page in pages] == one


# --- the workbook -------------------------------------------------------------------------


def test_the_workbook_has_every_work_with_its_decisions_in_order(world, organiser):
    work = world.submitted(title="=1+1", author_names="@李四")
    forward_entry(entry=work, user=world.manager)
    reject_entry(entry=work, user=world.organiser, reason="=重复投稿")
    world.draft(title="草稿不列出")
    response = organiser.get(reverse(ALL) + "?export=xlsx")
    assert response.headers["Content-Disposition"].endswith(f'filename="{world.edition.slug}.xlsx"')
    _figures, works = workbook(response).worksheets
    (_header, row) = rows(works)
    assert row[:9] == [
        1,
        work.number,
        "'=1+1",
        "'@李四",
        world.company.name,
        world.association.name,
        "单幅照片",
        1,
        str(work.get_state_display()),
    ]
    assert row[10] == "'=重复投稿"
    submitted, forwarded, rejected = row[11].split("\n")
    assert submitted.endswith(f"· {world.entrant}")
    assert forwarded.endswith(f"· {world.manager}")
    assert rejected.endswith(f"· {world.organiser}: =重复投稿")
    assert {cell.data_type for line in works.iter_rows() for cell in line} <= {"n", "s", "d"}


def test_a_line_whose_deed_the_code_knows_no_more_is_told_by_its_name(world, organiser):
    world.submitted()
    ModelLogEntry.objects.update(action="competition.entry.anoint")
    _figures, works = workbook(organiser.get(reverse(ALL) + "?export=xlsx")).worksheets
    assert "competition.entry.anoint · " in rows(works)[1][11]


def test_the_workbook_has_the_figures_too(world, organiser):
    world.submitted()
    sheet = workbook(organiser.get(reverse(ALL) + "?export=xlsx")).worksheets[0]
    assert rows(sheet)[1] == [world.association.name, world.company.name, 1, 1, 0, 0, 0, 0, 0, 0]


def test_awards_stand_in_it_once_they_are_published(world, organiser):
    work = world.entry("admitted")
    category = CategoryFactory(edition=world.edition)
    awards = AwardList.objects.create(edition=world.edition, version=1)
    Award.objects.create(award_list=awards, category=category, entry=work, rank=1)

    def award():
        return rows(workbook(organiser.get(reverse(ALL) + "?export=xlsx")).worksheets[1])[1][12]

    assert award() is None
    AwardList.objects.update(state="published", published_at=timezone.now() - timedelta(days=1))
    assert award() == "专家推荐作品 1"
    popular = CategoryFactory(edition=world.edition, code="popular", title="人气作品", position=1)
    Award.objects.create(award_list=awards, category=popular, entry=work, rank=3)
    assert award() == "专家推荐作品 1、人气作品 3"
