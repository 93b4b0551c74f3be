"""Uploads straight to a real object storage: what is signed, and what is made of the parts."""

import hashlib
import http.client
import json
import random
import threading
import time
from datetime import timedelta
from io import StringIO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
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
from tests.browser.line import Line
from tests.factories import UserFactory
from tests.media_processing.makers import PHOTO_RULES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("places")]
CONTENT = random.Random(8).randbytes(PART_BYTES + 1000)  # two parts
PARTS = [CONTENT[:PART_BYTES], CONTENT[PART_BYTES:]]


def join(buckets, key, upload):
    """End an upload with the parts that have arrived."""
    client, place = buckets.client(), {"Bucket": buckets.originals, "Key": key, "UploadId": upload}
    parts = client.list_parts(**place)["Parts"]
    named = [{name: part[name] for name in ("PartNumber", "ETag")} for part in parts]
    client.complete_multipart_upload(**place, MultipartUpload={"Parts": named})


@pytest.fixture
def line(buckets, monkeypatch):
    """A line that can break, between the site and the storage."""
    one, storage = Line(buckets.url), storages["originals"]
    impatient = storage.client_config.merge(Config(retries={"total_max_attempts": 1}))
    monkeypatch.setattr(storage, "client_config", impatient)
    monkeypatch.setattr(storage, "endpoint_url", one.url)
    monkeypatch.setattr(storage, "_connections", threading.local())
    yield one
    one.close()


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


# --- the whole way ------------------------------------------------------------------------


def test_two_parts_become_the_original(sender, django_capture_on_commit_callbacks):
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
    sender, buckets, django_capture_on_commit_callbacks
):
    sender.send(1)
    sender.asset.refresh_from_db()
    begun = sender.asset.multipart_id
    take_upload(sender.asset, ContentFile(CONTENT))
    assert sender.state == "received"
    assert stored(sender.asset) == CONTENT
    assert begun not in buckets.unfinished()


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


def test_an_object_of_another_length_is_refused_and_removed(sender, buckets):
    sender.send(1)
    sender.asset.refresh_from_db()
    key = f"originals/{sender.asset.original.name}"
    join(buckets, key, sender.asset.multipart_id)
    assert sender.complete() == 410
    assert (sender.state, sender.asset.reason) == ("refused", "not_uploaded")
    assert not is_stored(sender.asset)
    assert sender.ask(2, "0" * 64).status_code == 410


def test_503_while_the_storage_does_not_answer(sender, line):
    sender.send(1)
    line.cut()
    answer = sender.client.get(sender.parts_url)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "此前已保存的内容不受影响" in answer.content.decode()
    assert sender.complete() == 503
    line.mend()
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


def test_of_two_that_begin_at_once_one_upload_stays(sender, buckets):
    late = MediaAsset.objects.get(pk=sender.asset.pk)  # as another process has read it
    multipart.begin(sender.asset)
    multipart.begin(late)
    assert late.multipart_id == sender.asset.multipart_id != ""
    assert list(buckets.unfinished()) == [late.multipart_id]


# --- taken back, given up -----------------------------------------------------------------


def test_an_upload_taken_back_leaves_no_part(sender, buckets, django_capture_on_commit_callbacks):
    sender.send(1)
    assert len(buckets.unfinished()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert sender.take_back() == 204
    assert buckets.unfinished() == {}
    assert sender.complete() == 404


def test_an_expired_upload_is_given_up_with_its_parts(sender, buckets):
    sender.send(1)
    sweep_uploads(timezone.now() + timedelta(days=2))
    assert (sender.state, sender.asset.reason) == ("refused", "not_uploaded")
    assert buckets.unfinished() == {}
    assert sender.complete() == 410


def test_an_upload_whose_browser_left_before_the_end_is_ended_by_the_sweep(sender):
    sender.send(1)
    sender.send(2)
    sweep_uploads(timezone.now() + timedelta(days=2))
    assert sender.state == "received"
    assert stored(sender.asset) == CONTENT


def test_parts_without_a_row_are_given_up_after_a_day(sender, buckets):
    sender.send(1)
    (kept,) = buckets.unfinished().values()
    left, beside = "originals/zz/left", "site-media/zz"
    for key in (left, beside):
        buckets.client().create_multipart_upload(Bucket=buckets.originals, Key=key)
    now = timezone.now()
    later = now + timedelta(minutes=1)
    assert list(multipart.drop_forgotten(now - timedelta(days=1), dry_run=False)) == []
    assert list(multipart.drop_forgotten(later, dry_run=True)) == [left]
    assert list(multipart.drop_forgotten(later, dry_run=False)) == [left]
    assert set(buckets.unfinished().values()) == {kept, beside}


# --- the buckets --------------------------------------------------------------------------


def test_the_buckets_are_made_ready_twice_with_one_result(buckets, capsys):
    for _ in range(2):
        call_command("prepare_buckets")
    client, name = buckets.client(), buckets.originals
    (rule,) = client.get_bucket_cors(Bucket=name)["CORSRules"]
    assert (rule["AllowedOrigins"], rule["AllowedMethods"]) == (["http://localhost:8000"], ["PUT"])
    (rule,) = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 14}
    assert f"{name}: nobody reads it without the key" in capsys.readouterr().out


def test_a_closed_bucket_is_opened_by_no_list_and_no_policy(buckets):
    call_command("prepare_buckets", stdout=StringIO())
    client, name = buckets.client(), buckets.originals
    client.put_object(Bucket=name, Key="originals/a", Body=b"a", ACL="public-read")
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"{buckets.url}/{name}/originals/a", timeout=30)
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    rights = [{**everybody, "Resource": f"arn:aws:s3:::{name}/*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": rights})
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_bucket_policy(Bucket=name, Policy=policy)


def test_on_one_machine_there_are_no_buckets(monkeypatch):
    monkeypatch.setitem(storages._storages, "originals", InMemoryStorage())
    with pytest.raises(CommandError, match="S3_ORIGINALS_BUCKET"):
        call_command("prepare_buckets")
