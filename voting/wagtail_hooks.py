"""Temporary: log actions only."""

from wagtail import hooks
from wagtail.log_actions import LogActionRegistry

from portal.audit import register_deeds
from voting.log_actions import LOG_ACTIONS


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    register_deeds(actions, LOG_ACTIONS)
