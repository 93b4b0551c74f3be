"""What this room does when another one has news."""

from typing import Any

from django.dispatch import receiver

from media_processing.signals import asked_whether_idle, worker_swept
from portal.results.packages import is_anything_unfinished, take_up_what_was_left


@receiver(worker_swept, dispatch_uid="results.take_up_what_was_left")
def take_up_packages(**kwargs: Any) -> None:
    take_up_what_was_left()


@receiver(asked_whether_idle, dispatch_uid="results.is_anything_unfinished")
def are_packages_left(**kwargs: Any) -> bool:
    return is_anything_unfinished()
