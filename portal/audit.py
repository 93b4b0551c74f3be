"""The audit log is Wagtail's; this registers what a room writes into it."""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from wagtail.log_actions import LogActionRegistry, LogFormatter, get_active_log_context
from wagtail.models import ModelLogEntry

Text = str | Promise


class DeedFormatter(LogFormatter):
    """Shows, beside what was done, why."""

    def format_comment(self, log_entry: ModelLogEntry) -> str:
        return str(log_entry.data.get("why", ""))


def log_all(deeds: Iterable[tuple[Model, str]], *, user: AbstractBaseUser) -> None:
    """Write the line that `log` would write for each (object, action), in few statements."""
    types, moment = ContentType.objects, timezone.now()
    ModelLogEntry.objects.bulk_create(
        [
            ModelLogEntry(
                content_type=types.get_for_model(instance, for_concrete_model=False),
                object_id=str(instance.pk),
                label=ModelLogEntry.objects.get_instance_title(instance),
                action=action,
                user=user,
                uuid=get_active_log_context().uuid,
                timestamp=moment,
                data={},
            )
            for instance, action in deeds
        ],
        batch_size=500,
    )


def register_deeds(registry: LogActionRegistry, *rooms: Mapping[str, tuple[Text, Text]]) -> None:
    """Register each room's LOG_ACTIONS: action -> (what it is called, what it says was done)."""
    for log_actions in rooms:
        for action, (label, message) in log_actions.items():
            words = {"label": label, "message": message}
            registry.register_action(action)(type("Formatter", (DeedFormatter,), words))
