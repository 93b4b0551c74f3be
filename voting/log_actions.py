"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "voting.poll.close": (_("Close the poll"), _("Poll closed and counted")),
    "voting.ballot.void": (_("Void ballots"), _("Ballots made void")),
    "voting.poll.examine": (_("Examine the votes"), _("Votes examined for fraud")),
    "voting.cluster.name": (_("Set ballots aside"), _("Ballots named and set aside")),
    "voting.cluster.void": (_("Void clusters"), _("Clusters of ballots made void")),
    "voting.cluster.restore": (_("Restore clusters"), _("Clusters of ballots count again")),
    "voting.poll.forget": (_("Erase what is kept of voters"), _("Evidence of voters erased")),
    "voting.ledger.publish": (_("Publish the ledger"), _("Ledger published")),
}
