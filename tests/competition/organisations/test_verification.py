"""Who says that an organisation is what it claims to be, and what follows from it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.entries.services import EntryRefused, admit_entry, reinstate_entry, submit_entry
from competition.organisations.checks import OrganisationRefused
from competition.organisations.models import Organisation
from competition.organisations.services import (
    correct_organisation,
    refuse_organisation,
    verify_organisation,
)
from portal.notifications.models import Notice
from tests.competition.entries.worlds import World
from tests.competition.organisations.people import contributor_of, manager_of, organiser
from tests.factories import AssociationFactory, CompanyFactory, EntryFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return CompanyFactory(verification="pending", name="远帆船舶")


def state_of(organisation) -> tuple[str, str]:
    organisation.refresh_from_db()
    return organisation.verification, organisation.refusal_reason


def test_the_organiser_and_the_companys_association_verify_it(company):
    for who in (organiser(), manager_of(company.association)):
        Organisation.objects.filter(pk=company.pk).update(verification="pending")
        verify_organisation(organisation=company, user=who)
        assert state_of(company) == ("verified", "")
        line = ModelLogEntry.objects.filter(action="competition.organisation.verify").latest("pk")
        assert (line.user, line.object_id) == (who, str(company.pk))


def test_nobody_else_does(company):
    unverified = AssociationFactory(verification="pending")
    others = [
        UserFactory(),
        manager_of(company),
        contributor_of(company.association),
        manager_of(AssociationFactory()),
        manager_of(unverified),
    ]
    for who in others:
        with pytest.raises(OrganisationRefused):
            verify_organisation(organisation=company, user=who)
        with pytest.raises(OrganisationRefused):
            refuse_organisation(organisation=company, user=who, reason="不是会员")
    own = CompanyFactory(association=unverified, verification="pending")
    with pytest.raises(OrganisationRefused):
        verify_organisation(organisation=own, user=others[-1])
    assert state_of(company) == ("pending", "")


def test_an_association_does_not_verify_itself(company):
    association = company.association
    with pytest.raises(OrganisationRefused):
        refuse_organisation(organisation=association, user=manager_of(association), reason="不可能")


def test_a_refusal_needs_a_reason_which_the_managers_get_by_mail(company):
    manager, who = manager_of(company), organiser()
    contributor_of(company)
    with pytest.raises(OrganisationRefused):
        refuse_organisation(organisation=company, user=who, reason=" ")
    assert state_of(company) == ("pending", "")
    refuse_organisation(organisation=company, user=who, reason=" 名称与执照不符 ")
    assert state_of(company) == ("refused", "名称与执照不符")
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == (manager, "organisation_refused")
    assert notice.context["reason"] == "名称与执照不符"


def test_the_database_keeps_a_refusal_without_a_reason_out(company):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=company.pk).update(verification="refused")


def test_verifying_twice_is_told_and_logged_once(company):
    who = organiser()
    verify_organisation(organisation=company, user=who)
    with pytest.raises(OrganisationRefused):
        verify_organisation(organisation=company, user=who)
    assert Notice.objects.count() == 0
    assert ModelLogEntry.objects.filter(action="competition.organisation.verify").count() == 1


def test_a_refused_one_is_corrected_and_waits_again(company):
    manager = manager_of(company)
    refuse_organisation(organisation=company, user=organiser(), reason="名称不全")
    correct_organisation(
        organisation=company, user=manager, name=" 远帆船舶  有限公司", province="浙江"
    )
    assert state_of(company) == ("pending", "")
    assert (company.name, company.province) == ("远帆船舶 有限公司", "浙江")


def test_what_is_verified_is_no_more_the_managers_to_change(company):
    manager = manager_of(company)
    verify_organisation(organisation=company, user=organiser())
    with pytest.raises(OrganisationRefused):
        correct_organisation(organisation=company, user=manager, name="别的名称")
    company.refresh_from_db()
    assert company.name == "远帆船舶"


def test_a_correction_is_a_managers_and_of_the_four_fields(company):
    for who in (contributor_of(company), manager_of(company.association), UserFactory()):
        with pytest.raises(OrganisationRefused):
            correct_organisation(organisation=company, user=who, name="x")
    manager = manager_of(company)
    with pytest.raises(TypeError):
        correct_organisation(organisation=company, user=manager, verification="verified")
    taken = CompanyFactory()
    with pytest.raises(OrganisationRefused):
        correct_organisation(organisation=company, user=manager, name=taken.name)
    company.refresh_from_db()
    assert company.name == "远帆船舶"


# --- what follows -------------------------------------------------------------------------


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize(
    ("verification", "state"), [("pending", "submitted"), ("refused", "draft")]
)
def test_who_waits_may_submit_and_who_is_refused_may_not(world, verification, state):
    entry = world.draft()
    world.company.verification, world.company.refusal_reason = verification, "名称不全"
    world.company.save()
    entry.refresh_from_db()
    if verification == "refused":
        with pytest.raises(EntryRefused) as refusal:
            submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
        assert len(refusal.value.messages) == 1
    else:
        submit_entry(entry=entry, user=world.entrant, accepts_rights=True)
    entry.refresh_from_db()
    assert entry.state == state


def test_only_works_of_who_is_verified_are_admitted(world):
    entry = world.entry("forwarded")
    Organisation.objects.filter(pk=world.company.pk).update(verification="pending")
    with pytest.raises(EntryRefused):
        admit_entry(entry=entry, user=world.organiser)
    verify_organisation(organisation=world.company, user=world.organiser)
    admit_entry(entry=entry, user=world.organiser)
    assert entry.state == "admitted"


def test_reinstating_asks_for_no_verification(world):
    entry = world.entry("disqualified")
    Organisation.objects.filter(pk=world.company.pk).update(verification="pending")
    reinstate_entry(entry=entry, user=world.organiser, reason="误判")
    assert entry.state == "admitted"


# --- pages --------------------------------------------------------------------------------


def judge(client, company, **data):
    return client.post(reverse("organisation-verify", args=[company.pk]), data)


def test_the_associations_manager_verifies_and_refuses_on_the_page(client, company):
    client.force_login(manager_of(company.association))
    assert judge(client, company, do="verify").headers["Location"] == reverse("companies")
    assert state_of(company) == ("verified", "")
    judge(client, company, do="refuse", reason="")
    assert state_of(company) == ("verified", "")
    judge(client, company, do="refuse", reason="已退会")
    assert state_of(company) == ("refused", "已退会")
    assert judge(client, company, do="shout").status_code == 404


def test_companies_of_others_are_not_there(client, company):
    for who in (manager_of(AssociationFactory()), manager_of(company), organiser()):
        client.force_login(who)
        assert judge(client, company, do="verify").status_code == 404
    assert state_of(company) == ("pending", "")


def test_the_list_shows_own_companies_with_members_and_works_of_the_edition(client, company):
    contributor_of(company)
    manager_of(company)
    edition = EntryFactory(organisation=company, state="submitted").edition
    EntryFactory(organisation=company, edition=edition, section=edition.sections.get())
    CompanyFactory()
    client.force_login(manager_of(company.association))
    page = client.get(reverse("companies"))
    (row,) = page.context["companies"]
    assert (row, row.members, row.works) == (company, 2, 1)
    assert (
        client.get(reverse("companies") + "?state=verified")
        .context["companies"]
        .object_list.count()
        == 0
    )


def test_who_manages_no_association_finds_no_list(client, company):
    client.force_login(manager_of(company))
    assert client.get(reverse("companies")).status_code == 404


def test_the_list_costs_the_same_with_one_company_and_with_three(client, company):
    client.force_login(manager_of(company.association))
    client.get(reverse("companies"))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("companies")).status_code == 200
        return len(queries)

    one = cost()
    for verification in ("pending", "verified"):
        more = CompanyFactory(association=company.association, verification=verification)
        EntryFactory(organisation=more, state="submitted")
        contributor_of(more)
    assert cost() == one


def test_my_page_says_how_the_organisation_stands_and_what_to_do(client, company):
    manager = manager_of(company)
    client.force_login(manager)
    address = reverse("organisation-correct", args=[company.pk])
    page = client.get(reverse("my")).content.decode()
    assert "badge--pending" in page
    refuse_organisation(organisation=company, user=organiser(), reason="名称与执照不符")
    page = client.get(reverse("my")).content.decode()
    assert "名称与执照不符" in page
    assert address in page
    assert "名称与执照不符" in client.get(address).content.decode()
    data = {"name": "远帆船舶有限公司", "association": company.association_id}
    assert client.post(address, data).headers["Location"] == reverse("my")
    assert state_of(company) == ("pending", "")
    verify_organisation(organisation=company, user=organiser())
    assert address not in client.get(reverse("my")).content.decode()
    assert client.post(address, data | {"name": "别的"}).status_code == 302
    company.refresh_from_db()
    assert company.name == "远帆船舶有限公司"
