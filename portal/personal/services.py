"""Erase an account."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.users.models import UserProfile

from competition.entries.models import Entry
from competition.entries.services import delete_draft
from competition.organisations.models import Invitation
from portal.accounts.models import User
from portal.personal.queries import (
    awarded_works,
    drafts_of_nobody_else,
    judges_now,
    organisations_left_alone,
    works_being_judged,
    works_that_may_win,
)


class ErasureRefused(Exception):
    """The account is bound. `messages`: translated sentences, each with what to do."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


@transaction.atomic
def erase_account(*, user: User) -> None:
    """Take the person out of the site for good; what others rely on keeps a nameless row.

    Deleted: drafts that nobody else can reach, memberships, notices, addresses, rights.
    Kept: submitted works, as their organisation's, and the audit log's lines, without a name.
    Whoever is signed in as this person is signed out by the next request.
    Raises ErasureRefused with everything that binds the account.
    """
    person = User.objects.select_for_update().get(pk=user.pk)
    if bonds := erasure_bonds(person):
        raise ErasureRefused(*bonds)
    drafts = list(drafts_of_nobody_else(person))
    for draft in drafts:
        delete_draft(entry=draft, user=person)
    person.memberships.all().delete()
    person.notices.all().delete()
    invited = Q(accepted_by=person) | Q(email__iexact=person.email)
    Invitation.objects.filter(invited).update(email="")
    EmailAddress.objects.filter(user=person).delete()
    UserProfile.objects.filter(user=person).delete()
    _make_nameless(person)
    log(
        instance=person,
        action="accounts.user.erase",
        user=person,
        data={"drafts_deleted": len(drafts)},
    )


def erasure_bonds(user: User) -> list[str]:
    """Return a sentence for each thing that binds the account; empty when it may go."""
    bonds = []
    awarded = list(awarded_works(user))
    if awarded:
        bonds.append(
            _(
                "An award names %(works)s. The list of awards must stay true, so the account stays "
                "with it. Please write to the organiser."
            )
            % {"works": _numbers(awarded)}
        )
    if works := [work for work in works_that_may_win(user) if work not in awarded]:
        bonds.append(
            _(
                "%(works)s may still be awarded. You can erase the account when the awards are "
                "published and none names a work of yours, or ask the organiser to take the work "
                "out first."
            )
            % {"works": _numbers(works)}
        )
    if works := list(works_being_judged(user)):
        bonds.append(
            _(
                "%(works)s is being judged. You can erase the account when the round is closed, or "
                "ask the organiser to take the work out first."
            )
            % {"works": _numbers(works)}
        )
    if judges_now(user):
        bonds.append(
            _("You are a judge in a round that is not closed yet. You can erase the account after.")
        )
    for organisation in organisations_left_alone(user):
        bonds.append(
            _(
                "%(organisation)s would have members but no manager. Ask the organiser to make a "
                "colleague its manager first."
            )
            % {"organisation": organisation}
        )
    return bonds


def _make_nameless(person: User) -> None:
    person.email = f"erased-{person.pk}@erased.invalid"
    person.first_name = person.last_name = ""
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login = None
    person.set_unusable_password()
    person.save()
    person.groups.clear()
    person.user_permissions.clear()


def _numbers(works: list[Entry]) -> str:
    return "、".join(str(work.number) for work in works)
