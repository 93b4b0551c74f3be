"""An uploaded file, by the door that every room uses."""

from functools import partial
from typing import Any

import pytest
from django.core.files.base import ContentFile

from media_processing.models import MediaAsset
from media_processing.rules import MediaRules
from media_processing.services import receive_upload
from tests.factories import UserFactory
from tests.media_processing.makers import PHOTO_RULES, jpeg


def upload(
    content: bytes, name: str = "photo.jpg", rules: MediaRules = PHOTO_RULES, user: Any = None
) -> MediaAsset:
    return receive_upload(file=ContentFile(content), name=name, rules=rules, user=user)


@pytest.fixture
def receive(db):
    """`receive(content, name, rules)`: an asset in state received."""
    return partial(upload, user=UserFactory())


@pytest.fixture
def photo(receive):
    return receive(jpeg())
