"""The tus endpoint, asked as a client asks: every answer it has, and what stays on the disk."""

import base64
import errno
import hashlib
import io
import os
import resource
import threading
import tracemalloc
import uuid
from datetime import timedelta
from unittest.mock import Mock

import pytest
from botocore.exceptions import EndpointConnectionError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing import unfinished
from media_processing.collect import sweep_uploads
from media_processing.models import MediaAsset
from media_processing.rules import MediaRules
from media_processing.services import UploadRefused, begin_upload, finish_upload
from media_processing.states import Reason
from media_processing.storage import originals
from tests.factories import AssetFactory, UserFactory
from tests.media_processing.makers import ODD_NAMES, PHOTO_RULES, original_of
from tests.storages import disk_only

pytestmark = pytest.mark.django_db
TUS = {"Tus-Resumable": "1.0.0"}
STREAM = "application/offset+octet-stream"
CONTENT = bytes(range(256)) * 4


class Sender:
    """A tus client in a few words, signed in as one person."""

    def __init__(self, user, asset):
        self.asset, self.client = asset, Client()
        self.client.force_login(user)
        self.url = reverse("media-upload", args=[asset.pk])

    def head(self, **headers):
        return self.client.head(self.url, headers=TUS | headers)

    def patch(self, body=b"", at=0, content_type=STREAM, headers=(), **environ):
        """`environ` may put another stream in the body's place."""
        environ = {"CONTENT_TYPE": content_type, **environ}  # also of a body of no bytes
        headers = TUS | {"Upload-Offset": str(at)} | dict(headers)
        return self.client.patch(self.url, body, content_type, headers=headers, **environ)

    def delete(self):
        return self.client.delete(self.url, headers=TUS)

    @property
    def state(self):
        self.asset.refresh_from_db()
        return self.asset.state


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def begin(user):
    """`begin(content, name)`: an upload announced for this content."""
    return lambda content=CONTENT, name="a.jpg", rules=PHOTO_RULES: begin_upload(
        rules=rules, name=name, byte_size=len(content), user=user, on_behalf_of="organisation-1"
    )


@pytest.fixture
def sender(user, begin):
    return Sender(user, begin())


def on_disk(asset):
    path = unfinished.path_of(asset.pk)
    return path.read_bytes() if path.exists() else None


def waiting():
    return [task.args_kwargs["args"] for task in DBTaskResult.objects.filter(status="READY")]


def sum_of(algorithm, body):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, body).digest()).decode()}"


# --- the whole way ------------------------------------------------------------------------


def test_an_upload_in_two_pieces_becomes_the_original(sender, django_capture_on_commit_callbacks):
    answer = sender.head()
    assert (answer.status_code, answer["Upload-Offset"], answer["Upload-Length"]) == (
        200,
        "0",
        "1024",
    )
    assert answer["Cache-Control"] == "no-store"
    answer = sender.patch(CONTENT[:300])
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "300")
    assert answer["Upload-Expires"]
    assert (sender.state, sender.asset.percent) == ("uploading", 29)
    assert sender.head()["Upload-Offset"] == "300"
    with django_capture_on_commit_callbacks(execute=True):
        answer = sender.patch(CONTENT[300:], at=300)
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "1024")
    assert sender.state == "received"
    assert sender.asset.expires_at is None
    assert original_of(sender.asset) == CONTENT
    assert on_disk(sender.asset) is None, "moved, not copied"
    assert waiting() == [[str(sender.asset.pk)]]


def test_both_doors_leave_the_same_row(sender, user, receive):
    sender.patch(CONTENT)
    sent = receive(CONTENT, "a.jpg")
    for one in (sent, sender.asset):
        one.refresh_from_db()
    for field in ("kind", "state", "original_name", "byte_size", "rules", "percent", "expires_at"):
        assert getattr(sent, field) == getattr(sender.asset, field), field
    folder = sender.asset.pk.hex[:2]
    assert sender.asset.original.name == f"{folder}/{sender.asset.pk.hex}"


@disk_only
def test_by_both_doors_an_original_is_private(sender, receive):
    sender.patch(CONTENT)
    paths = [one.original.path for one in (receive(CONTENT, "a.jpg"), sender.asset)]
    assert [os.stat(path).st_mode & 0o777 for path in paths] == [0o600, 0o600]


def test_a_client_that_missed_the_last_answer_is_told_that_all_is_there(sender):
    sender.patch(CONTENT)
    assert sender.head()["Upload-Offset"] == "1024"
    assert sender.patch(at=1024).status_code == 204
    assert sender.state == "received"


def test_what_the_server_can_do_is_said_to_everybody(client, sender):
    answer = client.options(sender.url)
    assert answer.status_code == 204
    assert answer["Tus-Version"] == "1.0.0"
    assert set(answer["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "expiration",
        "termination",
        "checksum",
    }
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256,md5"


# --- what is refused ----------------------------------------------------------------------


def test_an_unfinished_file_is_private_and_named_by_us(sender):
    sender.patch(b"x")
    path = unfinished.path_of(sender.asset.pk)
    assert path.name == sender.asset.pk.hex
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("at", [1, 1023, 1025, 10**17])
def test_409_when_it_goes_on_elsewhere(sender, at):
    assert sender.patch(b"x", at=at).status_code == 409
    assert on_disk(sender.asset) is None


@pytest.mark.parametrize("version", ["0.2.2", "", "1"])
def test_412_for_another_version(sender, version):
    answer = sender.patch(b"x", headers={"Tus-Resumable": version})
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")


def test_413_beyond_the_announced_length(sender):
    assert sender.patch(CONTENT + b"x").status_code == 413
    assert on_disk(sender.asset) is None
    sender.patch(CONTENT[:1000])
    assert sender.patch(b"x" * 25, at=1000).status_code == 413
    assert on_disk(sender.asset) == CONTENT[:1000]


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/plain", ""])
def test_415_for_another_content_type(sender, content_type):
    assert sender.patch(b"x", content_type=content_type).status_code == 415


@pytest.mark.parametrize("offset", ["-1", "x", "1" * 30])
def test_400_for_what_is_no_offset(sender, offset):
    assert sender.patch(b"x", headers={"Upload-Offset": offset}).status_code == 400


def test_404_for_anothers_upload_and_for_none(sender):
    stranger = Sender(UserFactory(), sender.asset)
    nobody = Sender(sender.asset.uploaded_by, MediaAsset(pk=uuid.uuid4()))
    for one in (stranger, nobody):
        assert one.head().status_code == 404
        assert one.patch(b"x").status_code == 404
        assert one.delete().status_code == 404
    assert on_disk(sender.asset) is None
    assert sender.state == "uploading"


def test_403_for_who_is_signed_out_whether_it_exists_or_not(client, sender):
    for url in (sender.url, reverse("media-upload", args=[uuid.uuid4()])):
        assert client.head(url, headers=TUS).status_code == 403


@pytest.mark.parametrize("method", ["get", "post", "put"])
def test_405_for_what_tus_does_not_know(sender, method):
    assert getattr(sender.client, method)(sender.url, headers=TUS).status_code == 405


def test_it_needs_the_token_of_our_own_pages(sender, user):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    headers = TUS | {"Upload-Offset": "0"}
    assert strict.patch(sender.url, b"x", STREAM, headers=headers).status_code == 403
    assert strict.delete(sender.url, headers=TUS).status_code == 403
    assert sender.state == "uploading"
    strict.cookies["csrftoken"] = "a" * 32
    headers["X-CSRFToken"] = "a" * 32
    assert strict.patch(sender.url, b"x", STREAM, headers=headers).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_460_unless_the_body_is_what_was_hashed(sender, algorithm):
    headers = {"Upload-Checksum": sum_of(algorithm, b"another")}
    answer = sender.patch(b"body", headers=headers)
    assert (answer.status_code, answer.reason_phrase) == (460, "Checksum Mismatch")
    assert on_disk(sender.asset) is None
    assert sender.patch(b"body", headers={"Upload-Checksum": sum_of(algorithm, b"body")})[
        "Upload-Offset"
    ] == "4"  # fmt: skip
    assert on_disk(sender.asset) == b"body"


def test_400_for_a_checksum_of_no_kind_we_know(sender):
    assert sender.patch(b"x", headers={"Upload-Checksum": "crc32 AAAA"}).status_code == 400


# --- names and sizes ----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shown"), ODD_NAMES)
def test_a_name_is_shown_and_never_a_path(begin, user, name, shown):
    sender = Sender(user, begin(name=name))
    sender.patch(b"x")
    assert sender.asset.original_name == shown
    assert unfinished.path_of(sender.asset.pk).read_bytes() == b"x"
    sender.patch(CONTENT[1:], at=1)
    assert sender.state == "received"
    assert sender.asset.original.name == f"{sender.asset.pk.hex[:2]}/{sender.asset.pk.hex}"


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.jpg", Reason.EMPTY),
        (b"x" * 2000, "a.jpg", Reason.TOO_LARGE),
        (b"x", "a.gif", Reason.UNKNOWN_FORMAT),
        (b"x", "a", Reason.UNKNOWN_FORMAT),
        (b"x", "a.mp4", Reason.FORMAT_NOT_ALLOWED),
    ],
)
def test_what_size_and_name_tell_is_refused_before_a_byte_is_sent(begin, content, name, reason):
    rules = MediaRules(kind="photo", formats=("jpeg",), max_bytes=1999)
    with pytest.raises(UploadRefused) as caught:
        begin(content, name, rules)
    assert caught.value.reason == reason
    assert not MediaAsset.objects.exists()


# --- bad lines ----------------------------------------------------------------------------


class BreakingLine(io.BytesIO):
    """A request's body whose line breaks after the bytes it has."""

    def read(self, size=-1):
        got = super().read(size)
        if not got:
            raise OSError("connection lost")
        return got


def breaking_after(body):
    return {"wsgi.input": BreakingLine(body), "CONTENT_LENGTH": "1024"}


@pytest.mark.parametrize("body", [CONTENT[:700], b""])
def test_what_arrived_before_the_line_broke_is_kept(sender, body):
    sender.patch(**breaking_after(body))
    assert sender.head()["Upload-Offset"] == str(len(body))
    sender.patch(CONTENT[len(body) :], at=len(body))
    assert original_of(sender.asset) == CONTENT


def test_a_body_cut_short_never_passes_its_checksum(sender):
    headers = {"Upload-Checksum": sum_of("sha1", CONTENT)}
    assert sender.patch(headers=headers, **breaking_after(CONTENT[:700])).status_code == 460
    assert sender.head()["Upload-Offset"] == "0"


def of_unsaid_length(body):
    return {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}


def test_a_body_of_unsaid_length_is_taken_up_to_the_announced_one(sender):
    long = CONTENT + b"x" * unfinished.PIECE_BYTES
    assert sender.patch(**of_unsaid_length(long)).status_code == 413
    assert sender.state == "uploading"
    assert sender.patch(**of_unsaid_length(CONTENT)).status_code == 204
    assert original_of(sender.asset) == CONTENT


def test_many_tiny_chunks(user, begin):
    """A thousand of a byte each stand for ten thousand: each costs the same."""
    content = os.urandom(1000)
    sender = Sender(user, begin(content))
    for at in range(1000):
        assert sender.patch(content[at : at + 1], at=at).status_code == 204
    sender.asset.refresh_from_db()
    assert original_of(sender.asset) == content


class Endless(io.RawIOBase):
    """A body of many bytes that exist only while they are read."""

    def __init__(self, size):
        self.left = size

    def read(self, size=-1):
        size = min(size, self.left)
        self.left -= size
        return b"\0" * size


@disk_only
@pytest.mark.parametrize("checksum", [False, True])
def test_300_mb_go_through_a_few_kilobytes_of_memory(user, checksum):
    size = 300 * 1024**2
    rules = MediaRules(kind="video", formats=("mp4",), max_bytes=size)
    asset = begin_upload(rules=rules, name="a.mp4", byte_size=size, user=user)
    sender = Sender(user, asset)
    headers = {}
    if checksum:
        digest = hashlib.sha1(usedforsecurity=False)
        for _ in range(300):
            digest.update(bytes(1024**2))
        headers["Upload-Checksum"] = f"sha1 {base64.b64encode(digest.digest()).decode()}"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    line = {"wsgi.input": Endless(size), "CONTENT_LENGTH": str(size)}
    answer = sender.patch(headers=headers, **line)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 204
    assert peak < 8 * 1024**2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # kB
    assert sender.state == "received"
    sender.asset.original.delete(save=False)


# --- two at once --------------------------------------------------------------------------


class Meeting(io.BytesIO):
    """A body that comes only when another request's has come too."""

    def __init__(self, body, barrier):
        super().__init__(body)
        self.barrier = barrier

    def read(self, size=-1):
        got = super().read(size)
        if got:
            self.barrier.wait(10)
        return got


def two_patches(sender):
    """Send two bodies for the same place at once; return the answers' codes."""
    barrier, codes = threading.Barrier(2, timeout=60), []

    def send(letter):
        try:
            line = {"wsgi.input": Meeting(letter * 512, barrier), "CONTENT_LENGTH": "512"}
            codes.append(Sender(sender.asset.uploaded_by, sender.asset).patch(**line).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[letter]) for letter in (b"a", b"b")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(codes)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_423_for_one_of_two_that_write_at_once(sender):
    assert two_patches(sender) == [204, 423]
    assert on_disk(sender.asset) in (b"a" * 512, b"b" * 512)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_look_at_the_files_end_both_would_write(sender, monkeypatch):
    """The control: appended blindly, the upload holds the bytes of both."""

    def blindly(upload, pieces, *, at, most):
        with unfinished.path_of(upload).open("ab") as file:
            for piece in pieces:
                file.write(piece)

    monkeypatch.setattr(unfinished, "append", blindly)
    assert two_patches(sender) == [204, 204]
    assert sorted(original_of(MediaAsset.objects.get())) == sorted(b"a" * 512 + b"b" * 512)


def test_a_connection_that_died_unnoticed_blocks_nobody(sender):
    """Its request still waits for bytes, and holds nothing while it does."""
    stuck = iter([b"x" * 10, b"late"])

    def line():
        yield next(stuck)
        assert sender.patch(b"y" * 10, at=10).status_code == 204
        yield next(stuck)

    with pytest.raises(unfinished.Overtaken):
        unfinished.append(sender.asset.pk, line(), at=0, most=1024)
    assert on_disk(sender.asset) == b"x" * 10 + b"y" * 10


# --- killed on the way --------------------------------------------------------------------


def test_killed_between_the_last_byte_and_the_state_the_next_request_ends_it(sender):
    unfinished.append(sender.asset.pk, [CONTENT], at=0, most=1024)
    assert sender.state == "uploading"
    assert sender.head()["Upload-Offset"] == "1024"
    assert sender.state == "received"
    assert original_of(sender.asset) == CONTENT


def test_killed_between_the_move_and_the_state_the_next_request_ends_it(sender):
    unfinished.append(sender.asset.pk, [CONTENT], at=0, most=1024)
    with unfinished.complete(sender.asset.pk) as content:
        sender.asset.original.storage.save(sender.asset.original.name, content)
    assert sender.state == "uploading"
    assert sender.patch(at=1024).status_code == 204
    assert sender.state == "received"
    assert original_of(sender.asset) == CONTENT


def test_ending_twice_is_harmless(sender, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sender.patch(CONTENT)
        finish_upload(sender.asset)
    assert waiting() == [[str(sender.asset.pk)]]


def test_ending_what_is_not_complete_does_nothing(sender):
    sender.patch(b"x")
    finish_upload(sender.asset)
    assert sender.state == "uploading"


# --- taken back, given up -----------------------------------------------------------------


def test_204_for_an_upload_taken_back_and_nothing_is_left(
    sender, django_capture_on_commit_callbacks
):
    sender.patch(b"x")
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.delete().status_code == 204
    assert not MediaAsset.objects.exists()
    assert on_disk(sender.asset) is None
    assert sender.head().status_code == 404


def test_409_for_one_that_is_complete(sender):
    sender.patch(CONTENT)
    assert sender.delete().status_code == 409
    assert original_of(sender.asset) == CONTENT


def test_each_patch_puts_the_end_off(sender, settings):
    MediaAsset.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    sender.patch(b"x")
    sender.asset.refresh_from_db()
    left = sender.asset.expires_at - timezone.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)


def test_410_for_one_that_was_given_up(user):
    asset = AssetFactory(uploaded_by=user, state="refused", reason=Reason.NOT_UPLOADED)
    sender = Sender(user, asset)
    assert sender.head().status_code == 410
    assert sender.patch(b"x").status_code == 410


# --- outages ----------------------------------------------------------------------------------


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_507_on_a_full_disk_and_what_arrived_is_kept(sender, monkeypatch):
    sender.patch(CONTENT[:100])
    with monkeypatch.context() as full:
        full.setattr(unfinished, "_write", full_disk)
        answer = sender.patch(CONTENT[100:], at=100)
    assert (answer.status_code, answer["Tus-Resumable"]) == (507, "1.0.0")
    assert "What arrived is kept" in answer.content.decode()
    assert sender.head()["Upload-Offset"] == "100"
    assert sender.patch(CONTENT[100:], at=100).status_code == 204
    sender.asset.refresh_from_db()
    assert sender.asset.state == "received"
    assert original_of(sender.asset) == CONTENT


def test_503_while_the_storage_is_away_and_the_next_request_ends_it(sender, monkeypatch):
    away = EndpointConnectionError(endpoint_url="http://storage")
    with monkeypatch.context() as outage:
        outage.setattr(type(originals()), "save", Mock(side_effect=away))
        answer = sender.patch(CONTENT)
        assert (answer.status_code, answer["Tus-Resumable"]) == (503, "1.0.0")
        assert sender.head().status_code == 503
    assert on_disk(sender.asset) == CONTENT
    assert sender.head()["Upload-Offset"] == str(len(CONTENT))
    sender.asset.refresh_from_db()
    assert (sender.asset.state, original_of(sender.asset)) == ("received", CONTENT)


def test_the_sweeper_lets_an_upload_wait_for_the_storage_and_takes_the_next(
    user, begin, monkeypatch
):
    one, other = Sender(user, begin()), Sender(user, begin())
    away = EndpointConnectionError(endpoint_url="http://storage")
    with monkeypatch.context() as outage:
        outage.setattr(type(originals()), "save", Mock(side_effect=away))
        for sender in (one, other):
            sender.patch(CONTENT)
        MediaAsset.objects.update(expires_at=timezone.now() - timedelta(days=1))
        answers = Mock(side_effect=[away, "name"])
        outage.setattr(type(originals()), "save", answers)
        sweep_uploads(timezone.now())
    assert answers.call_count == 2
    states = MediaAsset.objects.order_by("created_at").values_list("state", flat=True)
    assert sorted(states) == ["received", "uploading"]
