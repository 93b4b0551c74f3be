"""What a worker runs: an id comes in, one function is called. Delivered twice is harmless.

Who is next is a message's priority, a number from -100 to 100: notices (0), then photos, then
videos (one photo takes a second, a video minutes), then packages of results (-97), then what is
shown already and made anew.
Within a kind an owner's n-th file on its way takes the n-th turn, so a hundred files of one
organisation let the first file of another pass.
"""

from django.conf import settings
from django_tasks import task

from media_processing.models import MediaAsset
from media_processing.pipeline import process_asset
from media_processing.states import AssetState

BACKEND = "worker"
FIRST_TURN = {"photo": -1, "video": -51}
LAST_TURN = {"photo": -50, "video": -97}
RENEWAL = {"photo": -98, "video": -99}


@task(backend=BACKEND, queue_name="photos")
def process_photo(asset_id: str) -> None:
    process_asset(asset_id)


@task(backend=BACKEND, queue_name="videos")
def process_video(asset_id: str) -> None:
    process_asset(asset_id)


TASKS = {"photo": process_photo, "video": process_video}


def all_queues() -> tuple[str, ...]:
    """Return the names of the queues that workers take from, those of other rooms too."""
    return tuple(settings.TASKS[BACKEND]["QUEUES"])


def enqueue(asset: MediaAsset) -> None:
    """Ask a worker to process the asset when its turn comes."""
    TASKS[asset.kind].using(priority=_priority(asset)).enqueue(str(asset.pk))


def _priority(asset: MediaAsset) -> int:
    if asset.is_ready:
        return RENEWAL[asset.kind]
    before = MediaAsset.objects.filter(
        kind=asset.kind,
        on_behalf_of=asset.on_behalf_of,
        state__in=[AssetState.RECEIVED, AssetState.PROCESSING],
    ).exclude(pk=asset.pk)
    return max(FIRST_TURN[asset.kind] - before.count(), LAST_TURN[asset.kind])
