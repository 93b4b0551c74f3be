"""Files in a real S3 server: who may read them, and that none is copied to be read."""

import io
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from media_processing import collect
from media_processing.collect import collect_files
from media_processing.object_storage import WINDOW_BYTES, ObjectReader
from media_processing.pipeline import process_asset
from media_processing.services import original_link
from media_processing.storage import derivatives, originals
from tests.factories import UserFactory
from tests.media_processing.makers import jpeg, original_of

PIECE = bytes(range(256)) * 4096  # 1 MB
NAME = "ab/" + "ab" * 32 + ".mp4"


@pytest.fixture
def asset(places, receive):
    return receive(jpeg())


@pytest.fixture
def owner(client):
    user = UserFactory()
    client.force_login(user)
    return user


def status_of(address):
    try:
        return urlopen(address, timeout=30).status
    except HTTPError as error:
        return error.code


def put(name, content):
    return derivatives().save(name, ContentFile(content))


# --- Who may read an original ---------------------------------------------------------------


def test_nobody_reads_an_original_by_its_address(asset, buckets):
    """The control: the same key, with the owner's signature, is there."""
    key = originals().key(asset.original.name)
    bucket = buckets.originals
    assert status_of(f"{buckets.url}/{bucket}/{key}") == 403
    assert status_of(f"{buckets.url}/{bucket}") == 403
    assert buckets.client().head_object(Bucket=bucket, Key=key)["ContentLength"] == asset.byte_size


def test_whoever_it_was_signed_for_is_sent_to_the_bucket_for_ten_minutes(client, asset, owner):
    answer = client.get(original_link(asset, owner))
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
    assert "X-Amz-Expires=600" in answer["Location"]
    with urlopen(answer["Location"], timeout=30) as got:
        assert got.read() == original_of(asset)
        assert got.headers["Content-Disposition"] == f'attachment; filename="{asset.pk}.bin"'
        assert got.headers["Content-Type"] == "application/octet-stream"
        assert got.headers["Cache-Control"] == "private, no-store"


def test_a_download_from_the_bucket_can_be_resumed(client, asset, owner):
    address = client.get(original_link(asset, owner))["Location"]
    with urlopen(Request(address, headers={"Range": "bytes=100-"}), timeout=30) as rest:
        assert (rest.status, rest.read()) == (206, original_of(asset)[100:])


def test_a_link_that_was_changed_is_refused(client, asset, owner):
    address = client.get(original_link(asset, owner))["Location"]
    assert status_of(address) == 200
    assert status_of(address[:-1] + ("0" if address[-1] != "0" else "1")) == 403
    assert status_of(address.replace("X-Amz-Expires=600", "X-Amz-Expires=60000")) == 403
    assert status_of(address.replace("attachment", "inline")) == 403
    other = asset.original.name.translate(str.maketrans("0123456789", "1234567890"))
    assert status_of(address.replace(asset.original.name, other)) == 403


def test_a_link_that_has_expired_is_refused(asset):
    told = {"Content-Type": "image/jpeg", "Content-Disposition": "attachment"}
    for minutes, status in [(9, 200), (11, 403)]:
        with time_machine.travel(timezone.now() - timedelta(minutes=minutes)):
            address = originals().link(asset.original.name, told)
        assert status_of(address) == status


def test_to_anybody_else_it_is_not_there(client, asset, owner):
    link = original_link(asset, owner)
    client.logout()
    assert client.get(link).status_code == 404
    client.force_login(UserFactory())
    assert client.get(link).status_code == 404


def test_an_original_that_is_gone_is_not_there(client, asset, owner):
    link = original_link(asset, owner)
    asset.original.storage.delete(asset.original.name)
    assert client.get(link).status_code == 404


def test_an_original_has_no_address(asset):
    with pytest.raises(ValueError, match="no public address"):
        _address = asset.original.url


# --- What is public -------------------------------------------------------------------------


def test_a_work_goes_through_the_pipeline_and_is_shown(client, asset):
    process_asset(asset.pk)
    asset.refresh_from_db()
    assert asset.state == "ready"
    for one in asset.derivatives.all():
        answer = client.get(one.file.url)
        assert (answer.status_code, answer["Content-Type"]) == (200, one.mime_type)
        assert len(b"".join(answer.streaming_content)) == one.byte_size


def test_the_site_sends_the_part_that_a_player_asks_for(client, db, places):
    put(NAME, PIECE)
    answer = client.get(f"/derivatives/{NAME}", headers={"Range": "bytes=1000-1999"})
    assert (answer.status_code, answer["Content-Range"]) == (206, "bytes 1000-1999/1048576")
    assert b"".join(answer.streaming_content) == PIECE[1000:2000]
    assert client.get(f"/derivatives/{NAME[:-4]}.webp").status_code == 404


def test_with_a_public_address_readers_are_sent_there(client, places, monkeypatch):
    monkeypatch.setattr(derivatives(), "public_url", "https://cdn.example.org/")
    put(NAME, b"film")
    address = f"https://cdn.example.org/derivatives/{NAME}"
    assert derivatives().url(NAME) == address
    assert client.get(f"/derivatives/{NAME}")["Location"] == address


def test_a_public_bucket_tells_readers_what_the_site_would(buckets, places):
    put(NAME, b"film")
    bucket, key = buckets.derivatives, derivatives().key(NAME)
    told = buckets.client().head_object(Bucket=bucket, Key=key)
    assert told["ContentType"] == "video/mp4"
    assert told["CacheControl"] == "public, max-age=31536000, immutable"


def test_a_derivative_keeps_its_name_and_other_files_never_meet(places):
    assert (put(NAME, b"film"), put(NAME, b"film")) == (NAME, NAME)
    first, second = (storages["default"].save("a.png", ContentFile(b"1")) for _ in range(2))
    assert first != second
    assert storages["default"].url(first) == f"/media/{first}"


# --- Reading --------------------------------------------------------------------------------


def test_a_file_larger_than_a_window_is_read_as_it_is(places):
    content = PIECE * 9 + b"the end"
    put(NAME, content)
    with derivatives().open(NAME) as file:
        assert file.size == len(content)
        assert file.read() == content
        file.seek(WINDOW_BYTES - 3)
        assert file.read(6) == content[WINDOW_BYTES - 3 : WINDOW_BYTES + 3]
        file.seek(-7, io.SEEK_END)
        assert file.read(100) == b"the end"
    file.open()
    assert file.read(4) == content[:4]
    file.close()


def test_a_film_is_never_in_memory(places):
    put(NAME, PIECE * 64)
    tracemalloc.start()
    with derivatives().open(NAME) as file:
        count = sum(len(piece) for piece in file.chunks())
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 64 * len(PIECE)
    assert peak < 8 * 1024**2


def test_a_line_that_breaks_is_taken_up_where_it_broke(places, monkeypatch):
    from botocore.exceptions import ResponseStreamingError
    from botocore.response import StreamingBody

    put(NAME, PIECE)
    read, breaks = StreamingBody.read, iter([True, False, True])

    def breaking(body, amount=None):
        if next(breaks, False):
            raise ResponseStreamingError(error="line broke")
        return read(body, amount)

    monkeypatch.setattr(StreamingBody, "read", breaking)
    with derivatives().open(NAME) as file:
        assert file.read() == PIECE
    assert next(breaks, None) is None


def test_a_line_that_goes_on_breaking_is_an_error():
    from botocore.exceptions import ResponseStreamingError

    class Broken:
        asked = 0

        def get_object(self, **_place):
            self.asked += 1
            raise ResponseStreamingError(error="line broke")

    client = Broken()
    with pytest.raises(ResponseStreamingError):
        ObjectReader(client, "bucket", "key", 10).read(1)
    assert client.asked == 3


def test_what_is_not_there_cannot_be_opened(places):
    with pytest.raises(FileNotFoundError):
        derivatives().open(NAME)


# --- Collecting -----------------------------------------------------------------------------


def test_what_has_no_row_is_deleted_and_everything_else_stays(asset, monkeypatch):
    process_asset(asset.pk)
    put("cd/lost.webp", b"1")
    originals().save("ab/lost", ContentFile(b"2"))
    drawn = storages["default"].save("posters/a.png", ContentFile(b"3"))
    assert collect_files() == [], "young"
    monkeypatch.setattr(collect, "SPARED", timedelta(days=-1))
    assert sorted(collect_files()) == ["derivatives/cd/lost.webp", "originals/ab/lost"]
    assert storages["default"].exists(drawn), "beside the originals, and none of them"
    assert originals().exists(asset.original.name)
    assert all(derivatives().exists(one.file.name) for one in asset.derivatives.all())


def test_another_thread_has_a_line_of_its_own_and_reads_nothing_of_boto3_again(in_buckets):
    storage = in_buckets["originals"]
    with ThreadPoolExecutor(1) as other:
        connection, session = other.submit(
            lambda: (storage.connection, storage._create_session())
        ).result()
    assert connection is not storage.connection
    assert session is storage._create_session()
