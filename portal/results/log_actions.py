"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "results.certificates.issue": (_("Issue certificates"), _("Certificates issued")),
}
