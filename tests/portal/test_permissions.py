"""What each group may do, and what an association's manager can't reach by typing addresses."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from wagtail.models import GroupPagePermission, ModelLogEntry

from portal.accounts.groups import ASSOCIATION_MANAGERS, ENTRANTS, JUDGES, ORGANISERS
from portal.permissions import MANAGER_VIEWS, PERMISSIONS, find_permissions, set_group_permissions
from tests.admin.conftest import sign_in
from tests.factories import (
    AssociationFactory,
    CompanyFactory,
    EditionFactory,
    EntryFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _groups():
    set_group_permissions()


def permissions_of(name: str) -> set[str]:
    rows = Permission.objects.filter(group__name=name).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in rows}


@pytest.mark.parametrize("name", [ORGANISERS, ASSOCIATION_MANAGERS, JUDGES, ENTRANTS])
def test_a_group_has_exactly_what_the_table_says(name):
    assert permissions_of(name) == set(PERMISSIONS[name])


def test_setting_twice_changes_nothing_and_takes_back_what_was_added_by_hand():
    Group.objects.get(name=JUDGES).permissions.add(*find_permissions(["competition.change_entry"]))
    set_group_permissions()
    set_group_permissions()
    assert permissions_of(JUDGES) == {"competition.score_entry"}
    assert Group.objects.filter(name__in=PERMISSIONS).count() == 4


def test_the_organiser_writes_every_page(page_root):
    set_group_permissions()
    kept = GroupPagePermission.objects.filter(group__name=ORGANISERS, page=page_root)
    assert {"add_page", "change_page", "publish_page"} <= {row.permission.codename for row in kept}


def test_nobody_but_a_superuser_edits_accounts_or_groups():
    assert not [
        one
        for name in PERMISSIONS
        for one in permissions_of(name)
        if one.startswith(("accounts.", "auth."))
    ]


def test_no_group_adds_or_deletes_works_ballots_scores_or_awards():
    nouns = {"entry", "ballot", "score", "scorecard", "standing", "award", "mediaasset"}
    forbidden = {f"{verb}_{noun}" for verb in ("add", "delete") for noun in nouns}
    for name in PERMISSIONS:
        assert not forbidden & {one.split(".")[1] for one in permissions_of(name)}


@pytest.mark.parametrize("group", [JUDGES, ENTRANTS])
def test_judges_and_entrants_do_not_enter_the_admin(group):
    client = sign_in(group)
    for name in ("wagtailadmin_home", "works:index", "editions:index", "organisations:index"):
        response = client.get(reverse(name))
        assert response.status_code == 302
        assert reverse("account_login") in response.url


# --- the association's manager -------------------------------------------------------------


def admin_addresses() -> list[tuple[str, str]]:
    """Return (view name, address) of everything below /admin/, ids filled with 1."""
    found: list[tuple[str, str]] = []

    def walk(resolver: URLResolver, names: list[str]) -> None:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                walk(one, [*names, one.namespace] if one.namespace else names)
            elif isinstance(one, URLPattern) and one.name:
                found.append((":".join([*names, one.name]), one))

    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "admin/":
            walk(resolver, [])
    return found


SAMPLES = {"int": 1, "uuid": "00000000-0000-4000-8000-000000000001"}


def address_of(name, pattern) -> str | None:
    kwargs = {
        key: SAMPLES.get(type(converter).__name__.removesuffix("Converter").lower(), "x")
        for key, converter in pattern.pattern.converters.items()
    }
    try:
        return reverse(name, kwargs=kwargs)
    except Exception:  # an address of regular expressions: not one of ours
        return None


def test_a_manager_reaches_nothing_in_the_admin_but_the_two_lists(manager):
    opened = set()
    for name, pattern in admin_addresses():
        address = address_of(name, pattern)
        if address is None or name in MANAGER_VIEWS or "password_reset" in name:
            continue
        response = manager.get(address)
        if response.status_code not in (302, 403, 404, 405):
            opened.add(name)
    assert opened == set()


@pytest.fixture
def works(manager):
    own = CompanyFactory(association=manager.association, name="江城电力公司")
    other = CompanyFactory(association=AssociationFactory(name="海城行业协会"), name="海城公司")
    edition = EditionFactory()
    section = SectionFactory(edition=edition)
    return {
        "own": EntryFactory(section=section, organisation=own, state="submitted", title="江上清晨"),
        "association's": EntryFactory(
            section=section, organisation=manager.association, state="forwarded", title="协会之作"
        ),
        "draft": EntryFactory(section=section, organisation=own, title="未交的草稿"),
        "other": EntryFactory(
            section=section, organisation=other, state="submitted", title="海上黄昏"
        ),
    }


def test_a_manager_lists_the_works_of_the_own_companies_and_no_drafts(manager, works):
    rows = manager.get(reverse("works:index")).context["object_list"]
    assert {row.title for row in rows} == {"江上清晨", "协会之作"}


@pytest.mark.parametrize(
    ("which", "code"), [("own", 200), ("association's", 200), ("draft", 404), ("other", 404)]
)
def test_a_manager_opens_only_these_works(manager, works, which, code):
    url = reverse("works:inspect", args=[works[which].pk])
    assert manager.get(url).status_code == code


def test_searching_filtering_and_exporting_show_a_manager_no_more(manager, works):
    for query in ("?q=海上", "?state=draft", "?export=csv", "?ordering=state"):
        for name in ("works:index", "works:index_results"):
            response = manager.get(reverse(name) + query)
            content = b"".join(response) if response.streaming else response.content
            assert "海上黄昏" not in content.decode()
            assert "未交的草稿" not in content.decode()


def test_a_manager_lists_the_own_association_and_its_companies(manager, works):
    rows = manager.get(reverse("organisations:index")).context["object_list"]
    assert {row.name for row in rows} == {"江城行业协会", "江城电力公司"}
    other = works["other"].organisation
    assert manager.get(reverse("organisations:inspect", args=[other.pk])).status_code == 404


def test_a_manager_can_change_nothing(manager, works):
    move = reverse("competition_work_move", args=[works["own"].pk, "admit"])
    bulk = reverse("wagtail_bulk_action", args=["competition", "entry", "admit_works"])
    for url in (move, f"{bulk}?id={works['own'].pk}", reverse("organisations:add")):
        assert manager.post(url, {"reason": "x", "name": "x"}).status_code in (302, 403, 404)
    works["own"].refresh_from_db()
    assert works["own"].state == "submitted"
    assert not ModelLogEntry.objects.filter(user=manager.user).exists()


def test_somebody_who_also_organises_is_not_kept_to_the_two_lists(manager):
    manager.user.groups.add(Group.objects.get(name=ORGANISERS))
    assert manager.get(reverse("editions:index")).status_code == 200


def test_a_former_manager_of_no_association_sees_empty_lists():
    client = sign_in(ASSOCIATION_MANAGERS)
    EntryFactory(state="submitted", created_by=UserFactory())
    assert list(client.get(reverse("works:index")).context["object_list"]) == []
    assert list(client.get(reverse("organisations:index")).context["object_list"]) == []


def test_the_managers_first_page_leads_to_the_screening(manager):
    page = manager.get(reverse("wagtailadmin_home")).content.decode()
    assert reverse("screening") in page
    assert reverse("editions:index") not in page
