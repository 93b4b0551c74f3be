"""What the audit log says of an entry."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.entry.create": (_("Create draft"), _("Draft created")),
    "competition.entry.delete": (_("Delete draft"), _("Draft deleted")),
    "competition.entry.rehome": (
        _("Move work to another organisation"),
        _("Work moved to another organisation"),
    ),
    "competition.entry.release_add": (_("Add model release"), _("Model release added")),
    "competition.entry.release_remove": (_("Remove model release"), _("Model release removed")),
    "competition.entry.join": (_("Join into a series"), _("Draft joined into a series")),
    "competition.entry.split": (_("Take a series apart"), _("Series taken apart")),
    "competition.entry.wish": (
        _("Ask for submission when ready"),
        _("To be submitted when its files are ready"),
    ),
    "competition.entry.unwish": (
        _("Take back the wish to submit"),
        _("Not to be submitted by itself any more"),
    ),
    "competition.entry.dismiss_copy": (_("Dismiss near copy"), _("Not a copy")),
    "competition.entry.submit": (_("Submit work"), _("Work submitted")),
    "competition.entry.withdraw": (_("Withdraw work"), _("Work withdrawn")),
    "competition.entry.return": (_("Return work"), _("Work returned for revision")),
    "competition.entry.forward": (_("Forward work"), _("Work forwarded")),
    "competition.entry.decline": (_("Decline work"), _("Work not forwarded")),
    "competition.entry.admit": (_("Admit work"), _("Work admitted")),
    "competition.entry.reject": (_("Reject work"), _("Work rejected")),
    "competition.entry.disqualify": (_("Disqualify work"), _("Work disqualified")),
    "competition.entry.reinstate": (_("Reinstate work"), _("Work reinstated")),
    "competition.entry.appeal": (_("Appeal"), _("Appeal made")),
    "competition.entry.appeal_uphold": (_("Uphold appeal"), _("Appeal upheld")),
    "competition.entry.appeal_dismiss": (_("Dismiss appeal"), _("Appeal dismissed")),
}
