"""Uploads straight to a real object storage: what is signed, and what is made of the parts."""

import hashlib
import http.client
import json
import random
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing import multipart, unfinished
from media_processing.collect import sweep_uploads
from media_processing.models import MediaAsset
from media_processing.multipart import PART_BYTES
from media_processing.services import begin_upload, take_upload
from tests.factories import UserFactory
from tests.media_processing.makers import PHOTO_RULES
from tests.servers import object_storage

pytestmark = pytest.mark.django_db
CONTENT = random.Random(8).randbytes(PART_BYTES + 1000)  # two parts
PARTS = [CONTENT[:PART_BYTES], CONTENT[PART_BYTES:]]


@pytest.fixture(scope="module")
def server():
    with object_storage() as one:
        yield one


@pytest.fixture(autouse=True)
def bucket(server, settings, monkeypatch):
    """Originals lie in the server's bucket; a client that may do everything there is returned."""
    place = server.environment
    options = {
        **settings.S3,
        "endpoint_url": place["S3_ENDPOINT_URL"],
        "access_key": place["S3_ACCESS_KEY"],
        "secret_key": place["S3_SECRET_KEY"],
    }
    chosen = {
        "originals": ("PrivateS3Storage", place["S3_ORIGINALS_BUCKET"]),
        "derivatives": ("DerivativeS3Storage", place["S3_DERIVATIVES_BUCKET"]),
    }
    settings.STORAGES = settings.STORAGES | {
        alias: {
            "BACKEND": f"media_processing.object_storage.{name}",
            "OPTIONS": {**options, "bucket_name": bucket},
        }
        for alias, (name, bucket) in chosen.items()
    }
    # The field has asked for its storage when it was made.
    monkeypatch.setattr(MediaAsset._meta.get_field("original"), "storage", storages["originals"])
    return server.client()


class Sender:
    """A browser in a few words, signed in as one person."""

    def __init__(self, asset, user=None):
        self.asset, self.client = asset, Client()
        self.client.force_login(user or asset.uploaded_by)
        self.parts_url = reverse("media-upload-parts", args=[asset.pk])

    def here(self):
        return self.client.get(self.parts_url).json()["here"]

    def ask(self, number, sha256):
        asked = json.dumps({"number": number, "sha256": sha256})
        return self.client.post(self.parts_url, asked, content_type="application/json")

    def sign(self, number, part):
        answer = self.ask(number, hashlib.sha256(part).hexdigest())
        assert answer.status_code == 200
        return answer.json()

    def send(self, number):
        """Send a part as it should be."""
        assert put(self.sign(number, PARTS[number - 1]), PARTS[number - 1]) == 200

    def complete(self):
        return self.client.post(reverse("media-upload-complete", args=[self.asset.pk])).status_code

    def take_back(self):
        url = reverse("media-upload", args=[self.asset.pk])
        return self.client.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code

    @property
    def state(self):
        self.asset.refresh_from_db()
        return self.asset.state


def put(signed, body):
    """Send the body to the signed address, nothing of the site's with it; return the code."""
    address = urlsplit(signed["url"])
    line = http.client.HTTPConnection(address.netloc, timeout=30)
    try:
        line.request("PUT", f"{address.path}?{address.query}", body, signed["headers"])
        return line.getresponse().status
    except (BrokenPipeError, ConnectionResetError):  # refused before all was read
        return 403
    finally:
        line.close()


@pytest.fixture
def sender():
    return Sender(
        begin_upload(rules=PHOTO_RULES, name="a.jpg", byte_size=len(CONTENT), user=UserFactory())
    )


def stored(asset):
    with asset.original.storage.open(asset.original.name) as file:
        return file.read()


def is_stored(asset):
    return asset.original.storage.exists(asset.original.name)


def unfinished_ids(bucket):
    found = bucket.list_multipart_uploads(Bucket="originals").get("Uploads", [])
    return {one["UploadId"] for one in found}


# --- the whole way ------------------------------------------------------------------------


def test_two_parts_become_the_original(sender, bucket, django_capture_on_commit_callbacks):
    assert sender.here() == []
    sender.send(1)
    assert (sender.here(), sender.state, sender.asset.percent) == ([1], "uploading", 0)
    sender.send(2)
    assert (sender.here(), sender.state, sender.asset.percent) == ([1, 2], "uploading", 99)
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.complete() == 204
    assert sender.state == "received"
    assert (sender.asset.multipart_id, sender.asset.expires_at) == ("", None)
    assert stored(sender.asset) == CONTENT
    assert unfinished.size_of(sender.asset.pk) is None, "no byte came through the site"
    waiting = DBTaskResult.objects.values_list("args_kwargs", flat=True)
    assert [one["args"] for one in waiting] == [[str(sender.asset.pk)]]


def test_a_tus_client_may_send_it_through_the_site_instead(sender):
    url = reverse("media-upload", args=[sender.asset.pk])
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    stream = "application/offset+octet-stream"
    assert sender.client.patch(url, CONTENT, stream, headers=headers).status_code == 204
    assert sender.state == "received"
    assert stored(sender.asset) == CONTENT


def test_a_form_without_script_ends_what_a_script_began(
    sender, bucket, django_capture_on_commit_callbacks
):
    sender.send(1)
    sender.asset.refresh_from_db()
    begun = sender.asset.multipart_id
    take_upload(sender.asset, ContentFile(CONTENT))
    assert sender.state == "received"
    assert stored(sender.asset) == CONTENT
    assert begun not in unfinished_ids(bucket)


# --- what the storage refuses -------------------------------------------------------------


def test_a_part_of_another_length_is_refused(sender):
    signed = sender.sign(2, PARTS[1])
    assert put(signed, PARTS[1][:-1]) == 403
    assert sender.here() == []


def test_a_longer_part_is_refused_even_when_its_hash_was_signed(sender):
    longer = PARTS[1] + b"x"
    assert put(sender.sign(2, longer), longer) == 403
    assert sender.here() == []


def test_a_part_with_other_bytes_is_refused(sender):
    signed = sender.sign(2, PARTS[1])
    assert put(signed, b"x" + PARTS[1][1:]) == 400
    assert sender.here() == []


def test_a_signature_is_for_one_part(sender):
    signed = sender.sign(2, PARTS[1])
    other = signed | {"url": signed["url"].replace("partNumber=2", "partNumber=1")}
    assert other != signed
    assert put(other, PARTS[1]) == 403


def test_an_expired_signature_is_refused(sender):
    sender.asset.original.storage.querystring_expire = 1
    signed = sender.sign(2, PARTS[1])
    time.sleep(2.5)
    assert put(signed, PARTS[1]) == 403
    sender.asset.original.storage.querystring_expire = 600
    sender.send(2)


# --- what the site refuses ----------------------------------------------------------------


@pytest.mark.parametrize("number", [0, -1, 3, True, "1", 1.0, None])
def test_400_for_a_part_the_file_has_not(sender, number):
    assert sender.ask(number, "0" * 64).status_code == 400


@pytest.mark.parametrize("sha256", ["", "0" * 63, "G" * 64, "0" * 64 + "\n", None, 1])
def test_400_for_what_is_no_sha256(sender, sha256):
    assert sender.ask(1, sha256).status_code == 400


@pytest.mark.parametrize("body", ["", "[]", "1", "{}", b"\xff"])
def test_400_for_what_is_no_question(sender, body):
    answer = sender.client.post(sender.parts_url, body, content_type="application/json")
    assert answer.status_code == 400


def test_404_for_anybody_else(sender):
    stranger = Sender(sender.asset, UserFactory())
    sender.send(1)
    assert stranger.client.get(stranger.parts_url).status_code == 404
    assert stranger.ask(2, "0" * 64).status_code == 404
    assert stranger.complete() == 404
    assert stranger.take_back() == 404
    assert sender.here() == [1]


def test_403_for_who_is_not_signed_in(sender):
    sender.client.logout()
    assert sender.ask(1, "0" * 64).status_code == 403
    assert sender.complete() == 403


def test_409_while_a_part_lacks(sender):
    sender.send(2)
    assert sender.complete() == 409
    assert sender.state == "uploading"
    assert not is_stored(sender.asset)


def test_an_object_of_another_length_is_refused_and_removed(sender, bucket):
    sender.send(1)
    sender.asset.refresh_from_db()
    begun = sender.asset.multipart_id
    key = sender.asset.original.name
    (part,) = bucket.list_parts(Bucket="originals", Key=key, UploadId=begun)["Parts"]
    named = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    bucket.complete_multipart_upload(
        Bucket="originals", Key=key, UploadId=begun, MultipartUpload=named
    )
    assert sender.complete() == 410
    assert (sender.state, sender.asset.reason) == ("refused", "not_uploaded")
    assert not is_stored(sender.asset)
    assert sender.ask(2, "0" * 64).status_code == 410


def test_503_while_the_storage_does_not_answer(sender, server, monkeypatch):
    sender.send(1)
    storage = storages["originals"]
    client = storage.connection.meta.client
    monkeypatch.setattr(client.meta.config, "retries", {"total_max_attempts": 1})
    server.stop_gateway()
    try:
        answer = sender.client.get(sender.parts_url)
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert "此前已保存的内容不受影响" in answer.content.decode()
        assert sender.complete() == 503
    finally:
        server.start_gateway()
    assert sender.here() == [1]
    sender.send(2)
    assert sender.complete() == 204


# --- again, or killed on the way ----------------------------------------------------------


def test_ending_twice_is_harmless(sender, django_capture_on_commit_callbacks):
    sender.send(1)
    sender.send(2)
    with django_capture_on_commit_callbacks(execute=True):
        assert [sender.complete(), sender.complete()] == [204, 204]
    assert sender.here() == [1, 2]
    assert sender.ask(1, "0" * 64).status_code == 409
    assert DBTaskResult.objects.count() == 1


def test_killed_between_joining_and_the_state_the_next_request_ends_it(sender):
    sender.send(1)
    sender.send(2)
    sender.asset.refresh_from_db()
    assert multipart.complete(sender.asset) == len(CONTENT)
    assert sender.state == "uploading"
    assert sender.here() == [1, 2], "nothing is to be sent again"
    assert sender.complete() == 204
    assert stored(sender.asset) == CONTENT


def test_killed_after_joining_the_next_sweep_ends_it_long_before_it_expires(sender):
    sender.send(1)
    sender.send(2)
    sender.asset.refresh_from_db()
    multipart.complete(sender.asset)
    sweep_uploads(timezone.now())
    assert sender.state == "received"


def test_of_two_that_begin_at_once_one_upload_stays(sender, bucket):
    before = unfinished_ids(bucket)
    late = MediaAsset.objects.get(pk=sender.asset.pk)  # as another process has read it
    multipart.begin(sender.asset)
    multipart.begin(late)
    assert late.multipart_id == sender.asset.multipart_id != ""
    assert unfinished_ids(bucket) - before == {late.multipart_id}


# --- taken back, given up -----------------------------------------------------------------


def test_an_upload_taken_back_leaves_no_part(sender, bucket, django_capture_on_commit_callbacks):
    before = unfinished_ids(bucket)
    sender.send(1)
    assert len(unfinished_ids(bucket) - before) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.take_back() == 204
    assert unfinished_ids(bucket) == before
    assert sender.complete() == 404


def test_an_expired_upload_is_given_up_with_its_parts(sender, bucket):
    before = unfinished_ids(bucket)
    sender.send(1)
    sweep_uploads(timezone.now() + timedelta(days=2))
    assert (sender.state, sender.asset.reason) == ("refused", "not_uploaded")
    assert unfinished_ids(bucket) == before
    assert sender.complete() == 410


def test_an_upload_whose_browser_left_before_the_end_is_ended_by_the_sweep(sender):
    sender.send(1)
    sender.send(2)
    sweep_uploads(timezone.now() + timedelta(days=2))
    assert sender.state == "received"
    assert stored(sender.asset) == CONTENT


def test_parts_without_a_row_are_given_up_after_a_day(sender, bucket):
    sender.send(1)
    kept = sender.asset.multipart_id or MediaAsset.objects.get().multipart_id
    bucket.create_multipart_upload(Bucket="originals", Key="zz/left")
    now = timezone.now()
    assert "zz/left" not in multipart.drop_forgotten(now - timedelta(days=1), dry_run=False)
    later = now + timedelta(minutes=1)
    assert "zz/left" in list(multipart.drop_forgotten(later, dry_run=True))
    assert "zz/left" in list(multipart.drop_forgotten(later, dry_run=False))
    assert unfinished_ids(bucket) == {kept}


# --- the buckets --------------------------------------------------------------------------


def test_the_buckets_are_made_ready_twice_with_one_result(bucket, capsys):
    for _ in range(2):
        call_command("prepare_buckets")
    (rule,) = bucket.get_bucket_cors(Bucket="originals")["CORSRules"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == (["http://localhost:8000"], ["PUT"])
    (rule,) = bucket.get_bucket_lifecycle_configuration(Bucket="originals")["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 14}
    assert "originals: nobody reads it without the key" in capsys.readouterr().out


def test_on_one_machine_there_are_no_buckets(settings):
    settings.STORAGES = settings.STORAGES | {
        "originals": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    with pytest.raises(CommandError, match="S3_ORIGINALS_BUCKET"):
        call_command("prepare_buckets")
