"""Text messages leave through a gateway: any class with this one method, named by a setting."""

import logging
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class SmsGateway(Protocol):
    """A service that delivers text messages. Made anew for each, without arguments."""

    def send(self, number: str, text: str) -> None:
        """Hand one message over; `number` is E.164 ("+8613800138000").

        Raises anything when the service did not take it. Has to give up after some seconds: a
        visitor waits.
        """
        ...


class ConsoleGateway:
    """For development: the message is printed where the server was started."""

    def send(self, number: str, text: str) -> None:
        logger.info("To %s: %s", number, text)


def has_gateway() -> bool:
    """Tell whether text messages can be sent at all."""
    return bool(settings.SMS_GATEWAY)


def gateway() -> SmsGateway:
    """Return the gateway of the settings. Raises ImportError when there is no such class."""
    made: SmsGateway = import_string(settings.SMS_GATEWAY)()
    return made
