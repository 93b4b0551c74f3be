"""Every list of the admin opens, and costs the same with one row as with three."""

import pytest
from django.urls import reverse
from django.utils import timezone

from portal.notifications.models import Notice
from tests.admin.conftest import count_queries
from tests.factories import (
    AssetFactory,
    CategoryFactory,
    CompanyFactory,
    EditionFactory,
    EntryFactory,
    FlagFactory,
    JudgeFactory,
    MailingFactory,
    PhaseFactory,
    PollFactory,
    QuotaFactory,
    RoundFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def edition():
    PhaseFactory(edition=EditionFactory())


def round_():
    row = RoundFactory()
    PhaseFactory(edition=row.edition, kind="judging")


def notice():
    user = UserFactory()
    Notice.objects.create(recipient=user, kind="entry_admitted", key=f"k{user.pk}")


def mailing():
    MailingFactory(queued_at=timezone.now())


def category():
    QuotaFactory(category=CategoryFactory())


LISTS = {
    "editions": edition,
    "organisations": CompanyFactory,
    "works": lambda: EntryFactory(state="submitted"),
    "panels": JudgeFactory,
    "rounds": round_,
    "flags": FlagFactory,
    "polls": PollFactory,
    "award-categories": category,
    "uploaded-files": AssetFactory,
    "mailings": mailing,
    "notices": notice,
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_three(organiser, name):
    url = reverse(f"{name}:index")
    LISTS[name]()
    organiser.get(url)  # content types and permissions are read once a process
    one = count_queries(organiser, url)
    LISTS[name]()
    LISTS[name]()
    assert count_queries(organiser, url) == one
    assert one <= 30


@pytest.mark.parametrize("name", ["works", "uploaded-files", "notices"])
@pytest.mark.parametrize("verb", ["add", "edit", "delete", "copy", "usage"])
def test_what_services_change_has_no_form_of_raw_fields(organiser, name, verb):
    for address in (f"/admin/{name}/new/", f"/admin/{name}/{verb}/1/"):
        assert organiser.get(address).status_code == 404


def test_the_menu_names_every_screen_in_chinese(organiser):
    menu = organiser.get(reverse("wagtailadmin_home")).content.decode()
    for name in LISTS:
        assert reverse(f"{name}:index") in menu


def test_a_failed_file_is_given_back_to_the_worker(organiser):
    failed = AssetFactory(state="failed", reason="gave_up", reason_values={"attempts": 3})
    page = organiser.get(reverse("uploaded-files:inspect", args=[failed.pk])).content.decode()
    url = reverse("media_retry", args=[failed.pk])
    assert url in page
    assert organiser.post(url).status_code == 302
    failed.refresh_from_db()
    assert failed.state == "received"
    page = organiser.get(reverse("uploaded-files:inspect", args=[failed.pk])).content.decode()
    assert url not in page


def test_the_first_page_tells_the_organiser_where_the_newest_edition_stands(organiser):
    entry = EntryFactory(state="forwarded")
    PhaseFactory(edition=entry.edition, kind="screening")
    page = organiser.get(reverse("wagtailadmin_home")).content.decode()
    assert str(entry.edition) in page
    assert f"?edition={entry.edition_id}&amp;state=forwarded" in page
    assert "room-phases__open" in page
