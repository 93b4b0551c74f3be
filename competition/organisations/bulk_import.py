"""Associations and companies from a table: a plan to look at, then exactly that plan."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from competition.organisations.checks import OrganisationRefused, require_organiser
from competition.organisations.importing import (
    ASSOCIATION,
    COMPANY,
    Known,
    Line,
    Outcome,
    Row,
    plan,
)
from competition.organisations.invitations import make_invitation
from competition.organisations.models import Invitation, Membership, Organisation
from portal.accounts.models import User
from portal.audit import log_all

MANAGER = Membership.Role.MANAGER
DEEDS = {
    Outcome.NEW: "competition.organisation.create",
    Outcome.CHANGED: "competition.organisation.import",
}


def plan_import(rows: Sequence[Row]) -> list[Line]:
    """Return what would come of each row now."""
    return plan(rows, _known())


def digest(lines: Sequence[Line]) -> str:
    """Return what two plans share only when they are the same."""
    text = json.dumps([asdict(line) for line in lines], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def apply_import(*, rows: Sequence[Row], seen: str, user: User) -> int:
    """Do what the plan with the digest `seen` says; rows with problems are left out.

    Returns how many organisations were made or changed. All or nothing. Raises
    OrganisationRefused: not by the organiser, or things have changed since the plan was seen.
    """
    changed = OrganisationRefused(
        _(
            "Something has changed since you looked, so nothing was written. This is what would "
            "happen now:"
        )
    )
    require_organiser(user)
    try:
        with transaction.atomic():
            lines = plan_import(rows)
            if digest(lines) != seen:
                raise changed
            return _write(lines, user)
    except IntegrityError as error:  # somebody took a name between the plan and the writing
        raise changed from error


def _known() -> dict[str, Known]:
    emails: defaultdict[int, set[str]] = defaultdict(set)
    managers = Membership.objects.filter(role=MANAGER)
    still_open = Q(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    invited = Invitation.objects.filter(still_open, role=MANAGER)
    for pk, email in managers.values_list("organisation", "user__email"):
        emails[pk].add(email.lower())
    for pk, email in invited.values_list("organisation", "email"):
        emails[pk].add(email)
    return {
        one.name: Known(
            kind=one.kind,
            association=one.association.name if one.association else "",
            province=one.province,
            contact_phone=one.contact_phone,
            emails=frozenset(emails[one.pk]),
        )
        for one in Organisation.objects.select_related("association")
    }


def _write(lines: Sequence[Line], user: User) -> int:
    """Write the associations first: the companies name them."""
    todo = [line for line in lines if line.outcome in (Outcome.NEW, Outcome.CHANGED)]
    known = {one.name: one for one in Organisation.objects.all()}
    for kind in (ASSOCIATION, COMPANY):
        _save([line for line in todo if line.row.kind == kind], known)
    log_all([(known[line.row.name], DEEDS[line.outcome]) for line in todo], user=user)
    for line in todo:
        if line.invites:
            _invite(known[line.row.name], line.row, user)
    return len(todo)


def _invite(organisation: Organisation, row: Row, user: User) -> None:
    """Invite the row's manager; an address that only Django knows to be wrong names its row."""
    try:
        make_invitation(organisation=organisation, user=user, role=MANAGER, email=row.manager_email)
    except OrganisationRefused as refusal:
        raise OrganisationRefused(
            _("Row %(number)d: %(problem)s Nothing was written.")
            % {"number": row.number, "problem": " ".join(refusal.messages)}
        ) from refusal


def _save(lines: Sequence[Line], known: dict[str, Organisation]) -> None:
    """Save these rows' organisations in few statements: on SQLite everybody waits for this."""
    new = []
    for row in (line.row for line in lines):
        if row.name not in known:
            known[row.name] = Organisation(kind=row.kind, name=row.name)
            new.append(known[row.name])
        _fill(known[row.name], row, known.get(row.association))
    old = [known[line.row.name] for line in lines if line.outcome == Outcome.CHANGED]
    Organisation.objects.bulk_create(new, 500)
    Organisation.objects.bulk_update(old, ["association", "province", "contact_phone"], 500)


def _fill(organisation: Organisation, row: Row, association: Organisation | None) -> None:
    """Take over what the row says; its empty cells say nothing."""
    organisation.association = association or organisation.association
    organisation.province = row.province or organisation.province
    organisation.contact_phone = row.contact_phone or organisation.contact_phone
