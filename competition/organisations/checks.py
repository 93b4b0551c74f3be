"""What stands in the way of a verb, said in plain sentences. Reads, never writes."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from competition.organisations.models import Organisation
from competition.organisations.queries import is_manager, may_verify
from portal.accounts.groups import is_organiser
from portal.accounts.models import User


class OrganisationRefused(Exception):
    """What somebody asked for can't be done. `messages`: translated sentences for them."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = list(messages)


def require_manager(user: User, organisation: Organisation) -> None:
    """Raise OrganisationRefused unless the person manages the organisation."""
    if not is_manager(user, organisation):
        raise OrganisationRefused(_("Only a manager of the organisation can do this."))


def require_organiser(user: User) -> None:
    """Raise OrganisationRefused unless the person runs the competition."""
    if not is_organiser(user):
        raise OrganisationRefused(_("Only the organiser can do this."))


def require_verifier(user: User, organisation: Organisation) -> None:
    """Raise OrganisationRefused unless the person may verify this organisation."""
    if not may_verify(user, organisation):
        raise OrganisationRefused(
            _("Only the organiser, or the manager of the company's association, can do this.")
        )


def require_clean(organisation: Organisation) -> None:
    """Raise OrganisationRefused with a sentence for each field that can't be saved so."""
    try:
        organisation.full_clean()
    except ValidationError as error:
        raise OrganisationRefused(*error.messages) from error
