"""What `manage.py check` says of the settings of the vote."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string


@register(Tags.compatibility)
def check_gateway(**_kwargs: Any) -> list[CheckMessage]:
    """The gateway for text messages can be loaded."""
    if not settings.SMS_GATEWAY:
        return []
    try:
        import_string(settings.SMS_GATEWAY)
    except ImportError as problem:
        return [Error(f"SMS_GATEWAY can't be loaded: {problem}", id="voting.E001")]
    return []


@register(Tags.security, deploy=True)
def check_console_gateway(**_kwargs: Any) -> list[CheckMessage]:
    """A public site does not print the codes it should send."""
    if not settings.SMS_GATEWAY.endswith(".ConsoleGateway"):
        return []
    return [
        Warning(
            "SMS_GATEWAY prints the codes of voters and sends none.",
            hint="Name the class of a real gateway, or leave it empty: no poll can ask for phones.",
            id="voting.W001",
        )
    ]
