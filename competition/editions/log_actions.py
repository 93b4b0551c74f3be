"""What this room writes into the audit log: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.edition.copy": (_("Copy edition"), _("Edition copied from an earlier one")),
    "competition.edition.declare": (
        _("Publish rights declaration"),
        _("A new version of the rights declaration is in force"),
    ),
}
