"""What a worker runs for this room. Delivered twice is harmless.

A package comes after every photo and video that waits (see media_processing.tasks), so an entrant
never waits for more than the package at work; and before what is shown already and made anew,
which may go on for a night while an organiser waits for one file.
"""

from django_tasks import task

from media_processing.tasks import BACKEND, LAST_TURN
from portal.results.making import make_package

QUEUE = "packages"


@task(backend=BACKEND, queue_name=QUEUE, priority=LAST_TURN["video"])
def make(package_pk: int) -> None:
    make_package(package_pk)
