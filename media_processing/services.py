"""The verbs of an uploaded file."""

from functools import partial
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from wagtail.log_actions import log

from media_processing import signing
from media_processing.derive.recipes import RECIPE
from media_processing.models import Derivative, MediaAsset
from media_processing.rules import MediaRules, UploadRefused, check_size
from media_processing.states import AssetState
from media_processing.storage import derivatives
from media_processing.tasks import assets_with_a_message, enqueue

__all__ = [
    "UploadRefused",
    "discard_asset",
    "made_by_older_recipe",
    "original_link",
    "receive_upload",
    "rederive",
    "retry_asset",
]

NAME_LENGTH, EXTENSION_LENGTH = 255, 10


def receive_upload(
    *, file: Any, name: str, rules: MediaRules, user: Any, on_behalf_of: str = ""
) -> MediaAsset:
    """Keep the original and have it processed; nothing is decoded here.

    `file` is an open file or an uploaded one; `name` is what the person called it;
    `on_behalf_of` says whose turns in the queue it takes, e.g. organisation-12.
    Raises UploadRefused for what can be told at once: an empty or too large file.
    """
    content = file if isinstance(file, File) else File(file)
    check_size(rules, content.size)
    asset = MediaAsset(
        kind=rules.kind,
        uploaded_by=user,
        on_behalf_of=on_behalf_of,
        original_name=shown_name(name),
        byte_size=content.size,
        rules=rules.as_json(),
    )
    asset.original.save("original", content, save=False)  # the path is made from the id
    try:
        with transaction.atomic():
            asset.save()
            transaction.on_commit(partial(enqueue, asset))
    except BaseException:
        asset.original.delete(save=False)
        raise
    return asset


def retry_asset(*, asset: MediaAsset, actor: Any) -> None:
    """Try a failed or refused asset again from the start, with all its attempts.

    Does nothing when it has not ended yet, or is ready.
    """
    with transaction.atomic():
        again = MediaAsset.objects.filter(
            pk=asset.pk, state__in=[AssetState.FAILED, AssetState.REFUSED]
        ).update(
            state=AssetState.RECEIVED,
            attempts=0,
            percent=0,
            reason="",
            reason_values={},
            finished_at=None,
        )
        asset.refresh_from_db()
        if again:
            log(instance=asset, action="media.asset.retry", user=actor, data={})
            transaction.on_commit(partial(enqueue, asset))


def made_by_older_recipe() -> "QuerySet[MediaAsset]":
    """Return the ready assets whose files an earlier recipe made."""
    return MediaAsset.objects.filter(state=AssetState.READY, recipe__lt=RECIPE)


def rederive() -> int:
    """Ask for the files of every older recipe to be made anew; return how many assets wait.

    They stay served until theirs are replaced, all at once. What failed before is tried again.
    Called twice, it sends no second message.
    """
    with transaction.atomic():
        idle = made_by_older_recipe().filter(lease_token=None)
        idle.update(attempts=0, reason="", reason_values={})
        known = assets_with_a_message()
        for asset in idle.order_by("created_at").iterator():
            if str(asset.pk) not in known:
                enqueue(asset)
    return made_by_older_recipe().count()


def discard_asset(asset: MediaAsset) -> None:
    """Remove the asset's row, its original and everything made from it."""
    with transaction.atomic():
        names = list(asset.derivatives.values_list("file", flat=True))
        storage, original = asset.original.storage, str(asset.original.name)
        digest = asset.sha256
        asset.delete()
        transaction.on_commit(partial(storage.delete, original))
        transaction.on_commit(partial(_delete_unused, names, digest))


def original_link(asset: MediaAsset, user: Any) -> str:
    """Return a path by which this user, and no other, can fetch the original for 10 minutes.

    Who may have one is for the caller to decide.
    """
    return signing.original_path(asset, user)


def shown_name(name: str) -> str:
    """Return the name as it may be shown: the last part, printable, at most 255 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(char for char in last if char.isprintable()).strip()
    stem, dot, extension = printable.rpartition(".")
    if len(printable) <= NAME_LENGTH or not dot or len(extension) > EXTENSION_LENGTH:
        return printable[:NAME_LENGTH]
    return stem[: NAME_LENGTH - len(extension) - 1] + dot + extension


def _delete_unused(names: list[str], sha256: str) -> None:
    """Delete derived files, unless the same picture was uploaded twice and still needs them.

    A twin still in work has no rows for its files yet; they are left to it.
    """
    if MediaAsset.objects.filter(sha256=sha256, state=AssetState.PROCESSING).exists():
        return
    used = set(Derivative.objects.filter(file__in=names).values_list("file", flat=True))
    for name in set(names) - used:
        derivatives().delete(name)
