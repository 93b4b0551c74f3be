"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver

from media_processing.signals import worker_swept
from portal.personal.retention import forget_where_due


@receiver(worker_swept, dispatch_uid="personal.forget_where_due")
def forget_what_is_not_needed(**kwargs: Any) -> None:
    """Forget what is over; looked at once a day."""
    forget_where_due()
