"""What the audit log says of an account."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {"accounts.user.erase": (_("Erase account"), _("Account erased by its owner"))}
