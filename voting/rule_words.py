"""The rules in words: what each looks for, for the reviewer and for everybody."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

# code -> (name, what it looks for)
RULES: dict[str, tuple[Text, Text]] = {
    "burst": (
        _("Sudden burst"),
        _(
            "A work gets far more votes within a short time than its own history and its fame "
            "explain, cast in a way that people who follow a shared link don't vote."
        ),
    ),
    "address_cluster": (
        _("One address"),
        _(
            "Many voters behind one address vote for the same works, far more than others do. "
            "An office or a school that votes for different works is left alone."
        ),
    ),
    "network_cluster": (
        _("One network"),
        _("As with one address, for a whole network whose addresses are changed between votes."),
    ),
    "device_cluster": (
        _("Same device"),
        _("Ever new voters come from devices on one network that can't be told from each other."),
    ),
    "new_voters": (
        _("Swarm of new voters"),
        _(
            "Voters who were never seen before and never come again vote for one work, "
            "each within seconds of arriving."
        ),
    ),
    "regular_timing": (
        _("Too regular"),
        _("Votes follow each other, or the voter's arrival, more evenly than people's do."),
    ),
    "unseen_gallery": (
        _("Without a look"),
        _("Votes for one work by voters who opened no page of this site before they voted."),
    ),
    "lockstep": (
        _("In lockstep"),
        _(
            "Many strangers vote for the same works on the same days, far more often "
            "together than by chance."
        ),
    ),
    "by_hand": (
        _("Named by the organiser"),
        _("Ballots that the organiser set aside by their receipts, to look at them together."),
    ),
    "organiser": (
        _("By the organiser"),
        _("Ballots that the organiser made void for a reason that no rule found."),
    ),
}


def name_of(code: str) -> Text:
    """Return the rule's name; of a rule without words its code."""
    return RULES[code][0] if code in RULES else code


def words_of(code: str) -> Text:
    """Return what the rule looks for; "" of a rule without words."""
    return RULES[code][1] if code in RULES else ""


# What a threshold or a figure is called; one without words is shown by its name.
FIGURES: dict[str, Text] = {
    "fleeting": _("only voters seen once and briefly"),
    "expected": _("voters or ballots that would be usual"),
    "surprise": _("how unlikely by chance (nats; 15: one in three million)"),
    "hours": _("hours"),
    "days": _("days"),
    "few_devices": _("different devices a voter"),
    "even_waits": _("share of waits before the vote within a factor of two"),
    "even_intervals": _("unevenness of intervals (0 like a clock)"),
    "no_sleep": _("share of ballots in the quietest six hours"),
    "fleeting_seconds": _("a voter is fleeting if seen no longer than (seconds)"),
    "times_usual": _("at least so many times the usual number"),
    "device_nats": _("devices rather a few again and again: at least (nats a ballot)"),
    "wait_share": _("waits before the vote within a factor of two: at least this share"),
    "unevenness": _("unevenness of intervals: at most (1 by chance, 0 like a clock)"),
    "quiet_share": _("share of ballots in the quietest six hours: at least"),
    "quiet_times_usual": _("and at least so many times the usual share"),
    "deviations": _("beyond the threshold by at least (standard deviations)"),
    "fewest_here": _("ballots from one place: at least"),
    "fewest_anywhere": _("ballots for one work: at least"),
    "fewest_in_step": _("voters in step: at least"),
    "fewest_in_step_a_day": _("voters in step a day: at least"),
    "step_days": _("days in step: at least"),
    "step_share": _("of the day's ballots for either work: at least this share"),
    "step_times_usual": _("at least so many times what chance gives"),
    "step_attention": _("of a voter's ballots of the day that go to the list: at least"),
}
YES, NO = _("yes"), _("no")
# How many, of which works and when: the page itself shows it.
SHOWN_ELSEWHERE = {"ballots", "voters", "entry", "entries", "begins", "signs"}


def figures_of(values: Mapping[str, Any]) -> list[tuple[Text, str]]:
    """Return (what it is called, value) of a rule's thresholds or figures, its signs last."""
    plain = [(name, value) for name, value in values.items() if name not in SHOWN_ELSEWHERE]
    signs = {
        name: _("%(measure)s, usual: %(usual)s")
        % {"measure": _shown(measure), "usual": _shown(usual)}
        for name, (measure, usual) in values.get("signs", {}).items()
    }
    return [
        (FIGURES.get(name, name.replace("_", " ")), _shown(value))
        for name, value in [*plain, *signs.items()]
    ]


def _shown(value: Any) -> str:
    """Return yes or no in words and fractions to three digits, all else as it is."""
    if isinstance(value, bool):
        return str(YES if value else NO)
    return f"{value:.3g}" if isinstance(value, float) else str(value)
