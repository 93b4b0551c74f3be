"""What the admin's lists export: no cell of it is a formula."""

import csv
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from competition.entries.services import admit_entry
from portal.permissions import set_group_permissions
from tests.factories import CompanyFactory, EntryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def work():
    organisation = CompanyFactory(name="@SUM(A1)")
    return EntryFactory(
        state="submitted", title="=1+1", author_names="+李四", organisation=organisation
    )


def exported(client, export) -> bytes:
    return b"".join(client.get(f"{reverse('works:index')}?export={export}").streaming_content)


def test_a_csv_guards_what_people_typed(organiser, work):
    (_header, row) = csv.reader(StringIO(exported(organiser, "csv").decode()))
    assert row[:5] == [work.number, "'=1+1", "'+李四", "单幅照片", "'@SUM(A1)"]


def test_so_does_a_workbook(organiser, work):
    sheet = load_workbook(BytesIO(exported(organiser, "xlsx"))).active
    row = [cell.value for cell in sheet[2]]
    assert row[:5] == [work.number, "'=1+1", "'+李四", "单幅照片", "'@SUM(A1)"]


def test_so_does_the_site_history_which_is_wagtails_own(organiser, work, page_root):
    set_group_permissions()  # the tree has a root now
    organiser.user.first_name, organiser.user.last_name = "=1+1", "x"
    organiser.user.save()
    admit_entry(entry=work, user=organiser.user)
    address = reverse("wagtailadmin_reports:site_history")
    content = b"".join(organiser.get(f"{address}?export=csv").streaming_content)
    (row,) = [row for row in csv.reader(StringIO(content.decode())) if "=1+1" in row[1]]
    assert row[4] == "'=1+1 x"
