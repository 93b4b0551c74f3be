"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "voting.poll.close": (_("Close the poll"), _("Poll closed and counted")),
    "voting.ballot.void": (_("Void ballots"), _("Ballots made void")),
    "voting.ledger.publish": (_("Publish the ledger"), _("Ledger published")),
}
