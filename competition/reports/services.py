"""Honours for organising (优秀组织单位): given and withdrawn by people, each with a reason."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from competition.awards.queries import final_list
from competition.editions.models import Edition
from competition.organisations.models import Organisation
from competition.reports.models import Honour
from competition.reports.queries import figures_for_honours
from portal.accounts.models import User


class HonourRefused(Exception):
    """The honours stay as they are; `messages` say why."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


def honour_organisations(
    *, edition: Edition, organisations: Collection[Organisation], reason: str, actor: User | None
) -> list[Honour]:
    """Honour these organisations, with what the report says of them now; return the new honours.

    Who has the honour already keeps it as it is. Raises HonourRefused.
    """
    if not reason.strip():
        raise HonourRefused(_("Say why they are honoured; the reason is published."))
    if not organisations:
        raise HonourRefused(_("Choose at least one organisation. Nothing was changed."))
    figures = figures_for_honours(edition)
    given = []
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=edition.pk)
        for organisation in sorted(organisations, key=lambda one: one.pk):
            honour, is_new = Honour.objects.get_or_create(
                edition=edition,
                organisation=organisation,
                defaults={
                    "figures": figures.get(organisation.pk, {}),
                    "reason": reason.strip(),
                    "decided_by": actor,
                },
            )
            if is_new:
                data = {"organisation": organisation.pk, "why": honour.reason}
                data |= {"figures": honour.figures}
                log(instance=honour, action="reports.honour.give", user=actor, data=data)
                given.append(honour)
    return given


def withdraw_honour(*, honour: Honour, reason: str, actor: User | None) -> None:
    """Take the honour back before it is final. Raises HonourRefused."""
    with transaction.atomic():
        Edition.objects.select_for_update().get(pk=honour.edition_id)
        if not reason.strip():
            raise HonourRefused(_("Say why; the reason is kept in the site history."))
        if final_list(honour.edition) is not None:
            raise HonourRefused(
                _("The results of this edition are final; the honour stays as it is.")
            )
        # The certificate's row is another room's; that there is one is asked of the database.
        if Honour.objects.filter(pk=honour.pk, certificate__isnull=False).exists():
            raise HonourRefused(_("It has a certificate already; the honour stays as it is."))
        data = {"organisation": honour.organisation_id, "why": reason.strip()}
        log(instance=honour, action="reports.honour.withdraw", user=actor, data=data)
        honour.delete()
