"""Receiving, trying again, discarding, handing out."""

from dataclasses import replace
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from media_processing import leases, services
from media_processing.models import MediaAsset
from media_processing.pipeline import process_asset
from media_processing.rules import MediaRules
from media_processing.services import UploadRefused
from media_processing.states import Reason
from media_processing.storage import derivatives, originals
from tests.factories import AssetFactory, UserFactory
from tests.media_processing.arrivals import receive_upload
from tests.media_processing.makers import ODD_NAMES, PHOTO_RULES, VIDEO_RULES, jpeg, original_of
from tests.storages import disk_only

pytestmark = pytest.mark.django_db


def waiting():
    return [
        (task.queue_name, task.args_kwargs["args"])
        for task in DBTaskResult.objects.filter(status="READY")
    ]


def test_an_upload_is_kept_in_private_and_enqueued(django_capture_on_commit_callbacks):
    user = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        asset = receive_upload(SimpleUploadedFile("张三.jpg", b"content"), "张三.jpg", user=user)
    asset.refresh_from_db()
    assert (asset.state, asset.kind, asset.byte_size) == ("received", "photo", 7)
    assert (asset.original_name, asset.uploaded_by) == ("张三.jpg", user)
    assert asset.media_rules == PHOTO_RULES
    assert asset.original.name == f"{asset.pk.hex[:2]}/{asset.pk.hex}"
    assert original_of(asset) == b"content"
    assert waiting() == [("photos", [str(asset.pk)])]


def test_a_video_waits_in_a_queue_of_its_own(django_capture_on_commit_callbacks, receive):
    with django_capture_on_commit_callbacks(execute=True):
        asset = receive(b"content", "clip.mp4", VIDEO_RULES)
    assert waiting() == [("videos", [str(asset.pk)])]


def test_any_open_file_will_do():
    asset = receive_upload(ContentFile(b"abc", name="x"))
    assert asset.byte_size == 3
    with asset.original.open() as again:
        copy = receive_upload(again)
    assert original_of(copy) == b"abc"


def fail_to_own(*files):
    """Receive the files in a block that fails, and says under which names they were kept."""
    names = []
    with services.received(files, rules=PHOTO_RULES, user=None) as assets:
        names += [asset.original.name for asset in assets]
        assert all(originals().exists(name) for name in names)
        raise KeyError(names)


def test_what_fails_to_get_an_owner_leaves_neither_row_nor_file():
    with pytest.raises(KeyError) as failed:
        fail_to_own(("a.jpg", ContentFile(b"abc")), ("b.jpg", ContentFile(b"def")))
    names = failed.value.args[0]
    assert len(names) == 2
    assert not any(originals().exists(name) for name in names)
    assert not MediaAsset.objects.exists()
    assert waiting() == []


def test_one_file_that_is_refused_keeps_the_others_out(monkeypatch):
    monkeypatch.setattr(services, "_keep", lambda *_: pytest.fail("kept"))
    with pytest.raises(UploadRefused):
        fail_to_own(("a.jpg", ContentFile(b"abc")), ("b.jpg", ContentFile(b"")))


def test_nothing_is_decoded_in_the_request(monkeypatch, receive):
    from PIL import Image

    monkeypatch.setattr(Image, "open", lambda *args, **options: pytest.fail("decoded"))
    monkeypatch.setattr("subprocess.Popen", lambda *args, **options: pytest.fail("decoded"))
    assert receive(jpeg()).state == "received"


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", Reason.EMPTY), (b"x" * 1025, Reason.TOO_LARGE)]
)
def test_what_can_be_told_at_once_is_refused_and_nothing_is_kept(receive, content, reason):
    with pytest.raises(UploadRefused) as caught:
        receive(content, "a.jpg", MediaRules(kind="photo", formats=("jpeg",), max_bytes=1024))
    assert caught.value.reason == reason
    assert not MediaAsset.objects.exists()


@disk_only
def test_an_original_is_not_readable_by_other_users_of_the_machine(receive):
    from pathlib import Path

    path = Path(receive(b"content").original.path)
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        *ODD_NAMES,
        ("x." + "y" * 300, ("x." + "y" * 300)[:255]),
        ("", ""),
    ],
)
def test_a_name_is_shown_and_never_a_path(receive, name, shown):
    asset = receive(b"content", name)
    assert asset.original_name == shown
    assert asset.original.name == f"{asset.pk.hex[:2]}/{asset.pk.hex}"


# --- Again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["failed", "refused"])
def test_what_ended_badly_can_be_tried_again(state, django_capture_on_commit_callbacks):
    asset = AssetFactory(
        state=state, attempts=3, reason="gave_up", reason_values={"attempts": 3}, percent=40
    )
    actor = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        services.retry_asset(asset=asset, actor=actor)
    assert (asset.state, asset.attempts, asset.reason, asset.percent) == ("received", 0, "", 0)
    assert waiting() == [("photos", [str(asset.pk)])]
    entry = ModelLogEntry.objects.get(action="media.asset.retry")
    assert (entry.object_id, entry.user) == (str(asset.pk), actor)


@pytest.mark.parametrize("state", ["received", "processing", "ready"])
def test_what_is_on_its_way_or_done_is_left_alone(state, django_capture_on_commit_callbacks):
    asset = AssetFactory(state=state, attempts=2)
    with django_capture_on_commit_callbacks(execute=True):
        services.retry_asset(asset=asset, actor=UserFactory())
    assert (asset.state, asset.attempts) == (state, 2)
    assert waiting() == []
    assert not ModelLogEntry.objects.exists()


def test_what_could_not_be_made_anew_is_asked_for_again(django_capture_on_commit_callbacks):
    asset = AssetFactory(state="ready", attempts=3, reason="gave_up", reason_values={"attempts": 3})
    with django_capture_on_commit_callbacks(execute=True):
        services.retry_asset(asset=asset, actor=UserFactory())
    assert (asset.state, asset.attempts, asset.reason) == ("ready", 0, "")
    assert list(leases.renewals()) == [asset]
    assert waiting() == [("photos", [str(asset.pk)])]


def test_all_that_failed_is_tried_again_and_refusals_are_not(django_capture_on_commit_callbacks):
    for state, reason in [("failed", "gave_up"), ("ready", "gave_up"), ("refused", "damaged")]:
        AssetFactory(state=state, reason=reason)
    AssetFactory(state="ready")
    with django_capture_on_commit_callbacks(execute=True):
        assert services.retry_all_failed(actor=UserFactory()) == 2
    assert len(waiting()) == 2
    assert MediaAsset.objects.filter(state="refused").count() == 1
    assert services.retry_all_failed(actor=UserFactory()) == 0


# --- Away -----------------------------------------------------------------------------------


def test_discarding_takes_the_row_the_original_and_all_that_was_made(
    receive, django_capture_on_commit_callbacks
):
    asset = receive(jpeg(700, 500))
    process_asset(asset.pk)
    names = list(asset.derivatives.values_list("file", flat=True))
    storage, original = asset.original.storage, asset.original.name
    assert storage.exists(original)
    assert all(derivatives().exists(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        services.discard_asset(asset)
    assert not MediaAsset.objects.exists()
    assert not storage.exists(original)
    assert not any(derivatives().exists(name) for name in names)


def test_what_a_twin_still_shows_stays(receive, django_capture_on_commit_callbacks):
    one, twin = receive(jpeg(710, 500)), receive(jpeg(710, 500))
    process_asset(one.pk)
    process_asset(twin.pk)
    names = set(one.derivatives.values_list("file", flat=True))
    assert names == set(twin.derivatives.values_list("file", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        services.discard_asset(one)
    assert all(derivatives().exists(name) for name in names)
    with django_capture_on_commit_callbacks(execute=True):
        services.discard_asset(twin)
    assert not any(derivatives().exists(name) for name in names)


def test_what_a_twin_is_being_given_anew_stays(receive, django_capture_on_commit_callbacks):
    """Between publishing its new files and naming them, the twin has rows for its old ones only."""
    one, twin = receive(jpeg(720, 500)), receive(jpeg(720, 500))
    process_asset(one.pk)
    process_asset(twin.pk)
    twin.derivatives.update(file="00/of-the-older-recipe.webp")
    leases.ask_for_renewal(MediaAsset.objects.filter(pk=twin.pk))
    assert leases.claim_asset(twin.pk)
    names = list(one.derivatives.values_list("file", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        services.discard_asset(MediaAsset.objects.get(pk=one.pk))
    assert all(derivatives().exists(name) for name in names)


def test_a_rolled_back_discard_deletes_no_file(receive):
    from django.db import transaction

    asset = receive(jpeg())
    with transaction.atomic():
        services.discard_asset(asset)
        transaction.set_rollback(True)
    assert original_of(MediaAsset.objects.get()) == jpeg()


def test_a_file_that_is_no_django_file(db):
    stream = BytesIO(b"abc")
    asset = receive_upload(stream)
    assert asset.byte_size == 3


@pytest.mark.parametrize(("change", "fits"), [({"max_bytes": 10}, True), ({"max_bytes": 3}, False)])
def test_a_file_is_held_to_other_rules_when_it_fits_them(change, fits):
    asset = AssetFactory(state="received", original_name="a.jpg", byte_size=4)
    rules = replace(PHOTO_RULES, **change)
    if fits:
        assert services.adopt_rules(asset, rules)
    else:
        with pytest.raises(UploadRefused):
            services.adopt_rules(asset, rules)
    asset.refresh_from_db()
    assert (asset.media_rules == rules) is fits


def test_what_is_known_of_a_ready_file_counts_and_a_worker_is_not_overtaken():
    ready = AssetFactory(original_name="a.jpg", width=3000, height=2000)
    assert services.adopt_rules(ready, replace(PHOTO_RULES, min_long_side=3000))
    with pytest.raises(UploadRefused):
        services.adopt_rules(ready, replace(PHOTO_RULES, min_long_side=3001))
    busy = AssetFactory(state="processing", original_name="a.jpg")
    assert not services.adopt_rules(busy, PHOTO_RULES)
