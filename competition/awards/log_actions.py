"""What the audit log says of this room: action -> (label, message)."""

from django.utils.translation import gettext_lazy as _

LOG_ACTIONS = {
    "competition.award_list.propose": (_("Propose awards"), _("Awards proposed")),
    "competition.award_list.decide_tie": (_("Decide a tie"), _("Tie decided")),
    "competition.award_list.confirm": (_("Confirm awards"), _("Awards confirmed")),
    "competition.award_list.notice": (
        _("Put awards on notice"),
        _("Awards put on public notice"),
    ),
    "competition.award_list.replace": (
        _("Take an award away"),
        _("Award taken away; the next in rank moved up"),
    ),
    "competition.award_list.publish": (_("Publish awards"), _("Awards published")),
    "competition.objection.raise": (_("Object"), _("Objection received")),
    "competition.objection.uphold": (_("Uphold the objection"), _("Objection upheld")),
    "competition.objection.reject": (_("Reject the objection"), _("Objection rejected")),
    "competition.objection.forget": (
        _("Erase what objectors sent"),
        _("Name, address, text and pictures of objections erased"),
    ),
    "competition.award_rule.change": (
        _("Change the rule of the awards"),
        _("Rule of the awards changed"),
    ),
}
