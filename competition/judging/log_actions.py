"""What this room writes into the audit log: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.judge.add": (_("Appoint judge"), _("Judge appointed")),
    "competition.judge.remove": (_("Remove judge"), _("Judge taken off the panel")),
    "competition.judge.leave": (_("Judge leaves"), _("Judge left; open works re-assigned")),
    "competition.judge.recuse": (_("Recuse judge"), _("Judge stands aside from a work")),
    "competition.flag.raise": (_("Flag work"), _("Work flagged by a judge")),
    "competition.flag.withdraw": (_("Withdraw flag"), _("Flag withdrawn by the judge")),
    "competition.flag.settle": (_("Settle flag"), _("Flag settled")),
    "competition.assignment.set_aside": (_("Set aside"), _("Work set aside for later")),
    "competition.assignment.take_back": (_("Take back"), _("Work taken back from later")),
    "competition.round.read_more": (_("Add readings"), _("One more reading assigned")),
    "competition.round.pick": (_("Pick works"), _("Works picked by hand")),
    "competition.round.pause": (_("Pause round"), _("Round paused")),
    "competition.round.resume": (_("Resume round"), _("Round resumed")),
    "competition.round.cut": (_("Move the cut"), _("Cut of a round moved")),
    "competition.round.remind": (_("Remind judges"), _("Judges reminded")),
    "competition.round.assign": (_("Assign round"), _("Works assigned to judges")),
    "competition.round.close": (_("Close round"), _("Round closed")),
    "competition.scorecard.save": (_("Save scorecard"), _("Scorecard saved")),
    "competition.scorecard.take_back": (_("Take scorecard back"), _("Scorecard taken back")),
    "competition.standings.freeze": (_("Freeze standings"), _("Standings frozen")),
}
