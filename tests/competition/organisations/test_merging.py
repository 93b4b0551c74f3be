"""Two rows for one organisation become one, and nothing is lost."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.entries.merging import merge_organisations
from competition.entries.models import Entry
from competition.organisations.checks import OrganisationRefused
from competition.organisations.models import Organisation
from competition.organisations.services import JoinRefused, join_organisation
from portal.accounts.groups import ASSOCIATION_MANAGERS, group_names
from portal.permissions import set_group_permissions
from tests.admin.conftest import sign_in
from tests.competition.organisations.people import contributor_of, manager_of, organiser, roles_in
from tests.factories import (
    AssociationFactory,
    CompanyFactory,
    EntryFactory,
    InvitationFactory,
    MembershipFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return CompanyFactory(name="远帆船舶有限公司"), CompanyFactory(name="远帆 船舶公司")


def test_members_works_and_invitations_move_and_the_row_goes(pair):
    kept, gone = pair
    stays, comes, both = manager_of(kept), contributor_of(gone), contributor_of(kept)
    MembershipFactory(organisation=gone, user=both, role="manager")
    works = [EntryFactory(organisation=gone, state=state) for state in ("draft", "submitted")]
    invitation = InvitationFactory(organisation=gone)
    who = organiser()
    merge_organisations(kept=kept, gone=gone, user=who)
    assert roles_in(kept) == {stays: "manager", comes: "contributor", both: "manager"}
    assert set(kept.entries.all()) == set(works)
    assert list(kept.invitations.all()) == [invitation]
    assert not Organisation.objects.filter(pk=gone.pk).exists()
    moved = ModelLogEntry.objects.filter(action="competition.entry.rehome", user=who)
    assert {line.object_id for line in moved} == {str(work.pk) for work in works}
    line = ModelLogEntry.objects.get(action="competition.organisation.merge")
    assert (line.object_id, line.data["merged"]) == (str(kept.pk), gone.pk)
    with pytest.raises(JoinRefused):
        join_organisation(user=UserFactory(), code=gone.join_code)


def test_an_associations_companies_and_managers_come_along():
    kept, gone = AssociationFactory(), AssociationFactory()
    company, manager = CompanyFactory(association=gone), manager_of(gone)
    merge_organisations(kept=kept, gone=gone, user=organiser())
    assert list(kept.companies.all()) == [company]
    assert ASSOCIATION_MANAGERS in group_names(manager)


def test_only_the_organiser_merges_and_only_alike_ones(pair):
    kept, gone = pair
    for who in (manager_of(kept), manager_of(gone), manager_of(gone.association)):
        with pytest.raises(OrganisationRefused):
            merge_organisations(kept=kept, gone=gone, user=who)
    for other in (kept, kept.association):
        with pytest.raises(OrganisationRefused):
            merge_organisations(kept=kept, gone=other, user=organiser())
    assert Organisation.objects.count() == 4


def test_limits_are_passed_only_knowingly(pair):
    kept, gone = pair
    section = SectionFactory(entries_per_organisation=1)
    for one in pair:
        EntryFactory(section=section, organisation=one, state="submitted")
        EntryFactory(section=section, organisation=one)
    with pytest.raises(OrganisationRefused) as refusal:
        merge_organisations(kept=kept, gone=gone, user=organiser())
    assert len(refusal.value.messages) == 1
    assert gone.entries.count() == 2
    merge_organisations(kept=kept, gone=gone, user=organiser(), over_limits=True)
    assert kept.entries.count() == 4


# --- pages --------------------------------------------------------------------------------


@pytest.fixture
def desk():
    set_group_permissions()
    return sign_in("Organisers")


def test_the_organiser_finds_duplicates_looks_and_merges(desk, pair):
    kept, gone = pair
    EntryFactory(organisation=gone, state="submitted")
    page = desk.get(reverse("competition_organisation_duplicates"))
    assert [sorted(one.pk for one in group) for group in page.context["groups"]] == [
        sorted([kept.pk, gone.pk])
    ]
    into = reverse("competition_organisation_merge_into", args=[gone.pk, kept.pk])
    assert into in page.content.decode()
    choose = reverse("competition_organisation_merge", args=[gone.pk])
    assert desk.get(choose).status_code == 200
    assert desk.post(choose, {"kept": kept.pk}).headers["Location"] == into
    assert desk.get(into).status_code == 200
    assert Organisation.objects.filter(pk=gone.pk).exists()
    assert desk.post(into).headers["Location"] == reverse("organisations:inspect", args=[kept.pk])
    assert Entry.objects.get().organisation == kept
    assert not Organisation.objects.filter(pk=gone.pk).exists()


def test_a_company_is_not_offered_an_association(desk, pair):
    kept, gone = pair
    into = reverse("competition_organisation_merge_into", args=[gone.pk, kept.association_id])
    assert desk.get(into).status_code == 404


def test_the_preview_asks_to_mean_it_when_limits_are_passed(desk, pair):
    kept, gone = pair
    section = SectionFactory(entries_per_organisation=1)
    for one in pair:
        EntryFactory(section=section, organisation=one, state="submitted")
    into = reverse("competition_organisation_merge_into", args=[gone.pk, kept.pk])
    assert desk.post(into).status_code == 200
    assert Organisation.objects.filter(pk=gone.pk).exists()
    assert desk.post(into, {"over_limits": "on"}).status_code == 302


# --- the organiser's list --------------------------------------------------------------------


def bulk(verb, organisations) -> str:
    url = reverse(
        "wagtail_bulk_action", args=["competition", "organisation", f"{verb}_organisations"]
    )
    return url + "?" + "&".join(f"id={one.pk}" for one in organisations)


def states(*organisations) -> list[str]:
    for one in organisations:
        one.refresh_from_db()
    return [one.verification for one in organisations]


def test_many_are_verified_or_refused_after_a_preview(desk, pair):
    Organisation.objects.filter(pk=pair[0].pk).update(verification="pending")
    page = desk.get(bulk("verify", pair))
    assert [one["item"] for one in page.context["items"]] == [pair[0]]
    assert states(*pair) == ["pending", "verified"]
    desk.post(bulk("verify", pair))
    assert states(*pair) == ["verified", "verified"]
    assert desk.post(bulk("refuse", pair), {"reason": ""}).status_code == 200
    assert states(*pair) == ["verified", "verified"]
    desk.post(bulk("refuse", pair), {"reason": "已退会"})
    assert states(*pair) == ["refused", "refused"]


def test_one_is_verified_or_refused_from_its_page(desk, pair):
    company = pair[0]
    page = reverse("organisations:inspect", args=[company.pk])
    refuse = reverse("competition_organisation_refuse", args=[company.pk])
    assert refuse in desk.get(page).content.decode()
    assert desk.post(refuse, {"reason": "已退会"}).headers["Location"] == page
    assert "已退会" in desk.get(page).content.decode()
    desk.post(reverse("competition_organisation_verify", args=[company.pk]))
    assert states(company) == ["verified"]


def test_the_list_filters_by_verification_and_shows_it(desk, pair):
    Organisation.objects.filter(pk=pair[0].pk).update(verification="pending")
    page = desk.get(reverse("organisations:index") + "?verification=pending")
    assert list(page.context["object_list"]) == [pair[0]]
    assert "room-badge--pending" in page.content.decode()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_a_name_is_no_formula_in_an_export(desk, sign):
    CompanyFactory(name=f"{sign}cmd|' /C calc'!A0", association=None)
    export = desk.get(reverse("organisations:index") + "?export=csv")
    assert f"'{sign}cmd|" in b"".join(export).decode()
