"""What the audit log says of an organisation."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.organisation.create": (
        _("Register organisation"),
        _("Organisation registered"),
    ),
    "competition.organisation.correct": (
        _("Correct organisation"),
        _("Organisation corrected, to be verified again"),
    ),
    "competition.organisation.verify": (_("Verify organisation"), _("Organisation verified")),
    "competition.organisation.refuse": (_("Refuse organisation"), _("Organisation refused")),
    "competition.organisation.import": (
        _("Import organisation"),
        _("Organisation changed by an import"),
    ),
    "competition.organisation.merge": (
        _("Merge organisations"),
        _("Another organisation was merged into this one"),
    ),
    "competition.membership.create": (_("Add member"), _("Member added")),
    "competition.membership.change": (_("Change a member's role"), _("Member's role changed")),
    "competition.membership.remove": (_("Remove member"), _("Member removed")),
    "competition.membership.leave": (_("Leave organisation"), _("Member left")),
    "competition.invitation.create": (_("Invite somebody"), _("Somebody was invited")),
    "competition.invitation.revoke": (_("Take an invitation back"), _("Invitation taken back")),
    "competition.invitation.accept": (_("Accept an invitation"), _("Invitation accepted")),
}
