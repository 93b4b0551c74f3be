"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "reports.honour.give": (_("Honour an organisation"), _("Organisation honoured")),
    "reports.honour.withdraw": (_("Withdraw an honour"), _("Honour withdrawn")),
}
