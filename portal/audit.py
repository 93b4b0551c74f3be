"""The audit log is Wagtail's; this registers what a room writes into it."""

from collections.abc import Mapping

from django.utils.functional import Promise
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import ModelLogEntry

Text = str | Promise


class DeedFormatter(LogFormatter):
    """Shows, beside what was done, why."""

    def format_comment(self, log_entry: ModelLogEntry) -> str:
        return str(log_entry.data.get("why", ""))


def register_deeds(registry: LogActionRegistry, *rooms: Mapping[str, tuple[Text, Text]]) -> None:
    """Register each room's LOG_ACTIONS: action -> (what it is called, what it says was done)."""
    for log_actions in rooms:
        for action, (label, message) in log_actions.items():
            words = {"label": label, "message": message}
            registry.register_action(action)(type("Formatter", (DeedFormatter,), words))
