"""What a worker runs: an id comes in, one function is called. Delivered twice is harmless.

The order is by priority, from 0 down to -100: photos before videos (one takes a second, the
other minutes), and each owner's n-th waiting file on the n-th turn, so that who sends two
hundred delays nobody who sends one. What is only made anew comes last.
"""

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from media_processing.models import MediaAsset
from media_processing.pipeline import process_asset
from media_processing.states import AssetState

BACKEND = "worker"
FIRST_TURN = {"photo": 0, "video": -50}
LAST_TURN = 48
LAST_OF_ALL = {"photo": -99, "video": -100}


@task(backend=BACKEND, queue_name="photos")
def process_photo(asset_id: str) -> None:
    process_asset(asset_id)


@task(backend=BACKEND, queue_name="videos")
def process_video(asset_id: str) -> None:
    process_asset(asset_id)


TASKS = {"photo": process_photo, "video": process_video}


def enqueue(asset: MediaAsset) -> None:
    """Ask a worker to process the asset when its owner's turn comes; a ready one, after all."""
    TASKS[asset.kind].using(priority=_priority(asset)).enqueue(str(asset.pk))


def assets_with_a_message() -> set[str]:
    """Return the ids of the assets that a waiting task will look at."""
    queues = [task.queue_name for task in TASKS.values()]
    waiting = DBTaskResult.objects.filter(
        backend_name=BACKEND, queue_name__in=queues, status=TaskResultStatus.READY
    )
    return {task.args_kwargs["args"][0] for task in waiting.only("args_kwargs")}


def _priority(asset: MediaAsset) -> int:
    if asset.is_ready:
        return LAST_OF_ALL[asset.kind]
    return FIRST_TURN[asset.kind] - min(_files_before(asset), LAST_TURN)


def _files_before(asset: MediaAsset) -> int:
    """Return how many files of the same owner and kind wait; 0 when nobody owns it."""
    if not asset.on_behalf_of:
        return 0
    waiting = MediaAsset.objects.filter(
        state=AssetState.RECEIVED, on_behalf_of=asset.on_behalf_of, kind=asset.kind
    )
    return waiting.exclude(pk=asset.pk).count()
