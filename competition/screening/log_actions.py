"""What the audit log says of the screening."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.screening.score": (_("Score in the screening"), _("Scored in the screening")),
    "competition.screening.criteria": (
        _("Set screening criteria"),
        _("Screening criteria set"),
    ),
    "competition.screening.quota": (_("Set forwarding quota"), _("Forwarding quota set")),
    "competition.screening.meet": (_("Begin screening meeting"), _("Screening meeting begun")),
}
