"""What the audit log says of a bulk mail."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "notifications.mailing.queue": (_("Send bulk mail"), _("Bulk mail put into the outbox")),
}
