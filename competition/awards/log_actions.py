"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.award_list.propose": (_("Propose awards"), _("Awards proposed")),
    "competition.award_list.decide_tie": (_("Decide a tie"), _("Tie decided")),
    "competition.award_list.confirm": (_("Confirm awards"), _("Awards confirmed")),
    "competition.award_list.publish": (_("Publish awards"), _("Awards published")),
    "competition.award_rule.change": (
        _("Change the rule of the awards"),
        _("Rule of the awards changed"),
    ),
}
