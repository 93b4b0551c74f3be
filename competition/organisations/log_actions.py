"""What the audit log says of an organisation."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.organisation.create": (
        _("Register organisation"),
        _("Organisation registered"),
    ),
    "competition.membership.create": (_("Add member"), _("Member added")),
}
