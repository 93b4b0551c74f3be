"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "results.certificates.issue": (_("Issue certificates"), _("Certificates issued")),
    "results.package.ask": (_("Ask for a package"), _("Package asked for")),
    "results.package.remake": (_("Make a package anew"), _("Package asked for anew")),
    "results.package.made": (_("Make a package"), _("Package made")),
    "results.package.fail": (_("Fail at a package"), _("Package could not be made")),
    "results.package.fetch": (_("Download a package"), _("Package downloaded")),
}
