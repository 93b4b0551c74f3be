"""What a worker runs: an id comes in, one function is called. Delivered twice is harmless."""

from django_tasks import task

from media_processing.models import MediaAsset
from media_processing.pipeline import process_asset


@task(backend="worker", queue_name="photos")
def process_photo(asset_id: str) -> None:
    process_asset(asset_id)


# Photos before videos: one takes a second, the other minutes.
@task(backend="worker", queue_name="videos", priority=-10)
def process_video(asset_id: str) -> None:
    process_asset(asset_id)


TASKS = {"photo": process_photo, "video": process_video}


def enqueue(asset: MediaAsset) -> None:
    """Ask a worker to process the asset."""
    TASKS[asset.kind].enqueue(str(asset.pk))
