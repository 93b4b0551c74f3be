"""Signed, short-lived paths to originals, each for one person."""

from typing import Any

from django.core import signing
from django.urls import reverse

from media_processing.models import MediaAsset

SALT = "media_processing.original"
VALID_SECONDS = 600


def original_path(asset: MediaAsset, user: Any) -> str:
    """Return the path at which this user can fetch the original for VALID_SECONDS."""
    token = signing.dumps([asset.pk.hex, str(user.pk)], salt=SALT)
    return reverse("media-original", args=[token])


def read_token(token: str) -> tuple[str, str]:
    """Return the asset's and the user's id. Raises django.core.signing.BadSignature."""
    asset_id, user_id = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)
    return asset_id, user_id
