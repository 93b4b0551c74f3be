"""Derivatives for everybody, in parts too; originals for one person, for ten minutes."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.core import signing
from django.core.files.base import ContentFile
from django.utils import timezone

from media_processing.services import original_link
from media_processing.storage import derivatives, originals
from tests.factories import UserFactory
from tests.media_processing.makers import jpeg, original_of
from tests.storages import disk_only

CONTENT = bytes(range(256)) * 4
NAME = "ab/" + "ab" * 32


@pytest.fixture
def clip():
    name = derivatives().save(f"{NAME}.mp4", ContentFile(CONTENT))
    return f"/derivatives/{name}"


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_derivative_is_served_for_ever_and_harmless(client, clip):
    response = client.get(clip)
    assert response.status_code == 200
    assert body(response) == CONTENT
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == "1024"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in response


@pytest.mark.parametrize(
    ("wanted", "content_range", "content"),
    [
        ("bytes=0-1", "bytes 0-1/1024", CONTENT[:2]),
        ("bytes=1000-", "bytes 1000-1023/1024", CONTENT[1000:]),
        ("bytes=-24", "bytes 1000-1023/1024", CONTENT[1000:]),
        ("bytes=0-", "bytes 0-1023/1024", CONTENT),
    ],
)
def test_a_player_gets_the_part_it_asks_for(client, clip, wanted, content_range, content):
    response = client.get(clip, headers={"Range": wanted})
    assert response.status_code == 206
    assert response["Content-Range"] == content_range
    assert response["Content-Length"] == str(len(content))
    assert body(response) == content


def test_behind_the_end_there_is_nothing(client, clip):
    response = client.get(clip, headers={"Range": "bytes=1024-"})
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1024")


def test_a_range_of_another_version_is_answered_with_all(client, clip):
    etag = client.get(clip)["ETag"]
    same = client.get(clip, headers={"Range": "bytes=0-1", "If-Range": etag})
    other = client.get(clip, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_what_has_not_changed_is_not_sent_again(client, clip):
    etag = client.get(clip)["ETag"]
    assert client.get(clip, headers={"If-None-Match": etag}).status_code == 304


def test_head_tells_and_sends_nothing(client, clip):
    response = client.head(clip)
    assert (response.status_code, response["Content-Length"]) == (200, "1024")
    assert response.content == b""
    assert client.head(clip, headers={"Range": "bytes=0-9"})["Content-Length"] == "10"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_done_to_it(client, clip, method):
    assert getattr(client, method)(clip).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        f"{NAME}.webp",  # not there
        f"{NAME}.html",
        f"{NAME}.mp4.part",
        "ab/../../originals/ab/abcd",
        "../secret-key",
        "%2e%2e/secret-key",
        "ab/" + "ab" * 32,
        "AB/" + "AB" * 32 + ".mp4",
        "",
        "ab/",
    ],
)
def test_nothing_else_is_there(client, clip, path):
    assert client.get(f"/derivatives/{path}").status_code == 404


# --- Originals ------------------------------------------------------------------------------


# Where a bucket keeps them the browser is sent there: test_object_storage.py.
site_sends = disk_only


@pytest.fixture
def asset(receive):
    return receive(jpeg(), "../../李四 13800000000.jpg")


@pytest.fixture
def owner(client):
    user = UserFactory()
    client.force_login(user)
    return user


@site_sends
def test_the_person_it_was_signed_for_gets_the_original(client, asset, owner):
    response = client.get(original_link(asset, owner))
    assert response.status_code == 200
    assert body(response) == original_of(asset)
    assert response["Content-Disposition"] == f'attachment; filename="{asset.pk}.bin"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@site_sends
def test_once_it_is_known_it_has_its_type_and_a_name_of_ours(client, asset, owner):
    asset.format = "jpeg"
    asset.save()
    response = client.get(original_link(asset, owner))
    body(response)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == f'attachment; filename="{asset.pk}.jpg"'


@site_sends
def test_a_download_can_be_resumed(client, asset, owner):
    response = client.get(original_link(asset, owner), headers={"Range": "bytes=100-"})
    assert response.status_code == 206
    assert body(response) == original_of(asset)[100:]


def test_a_link_is_no_use_to_anybody_else(client, asset, owner):
    link = original_link(asset, owner)
    client.logout()
    assert client.get(link).status_code == 404
    client.force_login(UserFactory())
    assert client.get(link).status_code == 404


@site_sends
def test_a_link_lasts_ten_minutes(client, asset, owner):
    link = original_link(asset, owner)
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=9, seconds=50)):
        response = client.get(link)
        assert response.status_code == 200
        body(response)
    with time_machine.travel(now + timedelta(minutes=10, seconds=5)):
        assert client.get(link).status_code == 404


def test_a_tampered_link_is_nothing(client, asset, owner):
    link = original_link(asset, owner)
    for place in (12, len(link) // 2, len(link) - 1):
        changed = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        assert client.get(changed).status_code == 404


def test_a_signature_made_for_something_else_is_nothing(client, asset, owner):
    token = signing.dumps([asset.pk.hex, str(owner.pk)], salt="something else")
    assert client.get(f"/originals/{token}").status_code == 404


@site_sends
def test_without_a_signature_no_path_leads_to_an_original(client, asset, owner):
    for path in (
        f"/originals/{asset.original.name}",
        f"/originals/{asset.pk}",
        f"/media/{asset.original.name}",
        f"/derivatives/{asset.original.name}",
        f"/static/{asset.original.name}",
        f"/derivatives/{quote('../originals/' + asset.original.name, safe='')}",
        f"/{originals().location}/{asset.original.name}",
    ):
        assert client.get(path, follow=True).status_code == 404, path


def test_an_asset_that_is_gone_is_not_there(client, asset, owner):
    link = original_link(asset, owner)
    asset.delete()
    assert client.get(link).status_code == 404


# --- Behind nginx ---------------------------------------------------------------------------


@disk_only
def test_nginx_is_told_where_a_file_lies_and_gets_no_byte_of_it(client, db, clip, settings):
    settings.FILES_BY = "nginx"
    response = client.get(clip, headers={"Range": "bytes=0-1"})
    assert (response.status_code, response.content) == (200, b"")
    assert response["X-Accel-Redirect"] == f"/x-derivatives/{NAME}.mp4"
    assert response["Content-Type"] == "video/mp4"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(clip.replace(".mp4", ".webp")).status_code == 404


@disk_only
def test_nginx_hands_an_original_to_its_owner_only(client, asset, owner, settings):
    settings.FILES_BY = "nginx"
    link = original_link(asset, owner)
    response = client.get(link)
    assert response["X-Accel-Redirect"] == f"/x-originals/{asset.original.name}"
    assert response["Content-Disposition"] == f'attachment; filename="{asset.pk}.bin"'
    client.force_login(UserFactory())
    refused = client.get(link)
    assert refused.status_code == 404
    assert "X-Accel-Redirect" not in refused
