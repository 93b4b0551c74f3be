"""What accounts bring to the admin."""

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from portal.accounts.log_actions import LOG_ACTIONS
from portal.audit import register_deeds


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)
