"""Whose file is next: photos before videos, owners by turns, what is made anew at the end."""

import pytest
from django_tasks_db.models import DBTaskResult

from media_processing import tasks
from media_processing.models import MediaAsset
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db


def receive(name, *, kind="photo", owner="organisation-1"):
    """Let a file come in: a row, then its message."""
    asset = AssetFactory(
        original_name=name, state="received", kind=kind, on_behalf_of=owner, derivatives=False
    )
    tasks.enqueue(asset)
    return asset


def receive_without_message(count, *, kind="photo"):
    """Let one organisation have many files waiting."""
    owner = {"on_behalf_of": "organisation-1", "kind": kind}
    AssetFactory.create_batch(count, state="received", derivatives=False, **owner)


def order():
    """Return the names of the waiting files, in the order in which a worker takes them."""
    names = {str(asset.pk): asset.original_name for asset in MediaAsset.objects.all()}
    return [names[task.args_kwargs["args"][0]] for task in DBTaskResult.objects.ready()]


def test_who_sends_many_delays_nobody_who_sends_one():
    for name in ("a1", "a2", "a3"):
        receive(name, owner="organisation-1")
    receive("b1", owner="organisation-2")
    assert sorted(order()[:2]) == ["a1", "b1"]
    assert order()[2:] == ["a2", "a3"]


def test_a_file_that_is_done_counts_no_longer():
    MediaAsset.objects.filter(pk=receive("a1").pk).update(state="ready")
    receive("a2")
    assert list(DBTaskResult.objects.values_list("priority", flat=True)) == [0, 0]


def test_files_of_nobody_in_particular_take_no_turns():
    for name in ("one", "two", "three"):
        receive(name, owner="")
    assert set(DBTaskResult.objects.values_list("priority", flat=True)) == {0}


def test_the_hundredth_photo_still_comes_before_the_first_video():
    receive_without_message(100)
    receive("video", kind="video", owner="organisation-2")
    receive("photo 101", owner="organisation-1")
    assert order() == ["photo 101", "video"]


def test_what_is_only_made_anew_comes_after_everything():
    tasks.enqueue(AssetFactory(original_name="old photo"))
    receive_without_message(100, kind="video")
    receive("video 101", kind="video")
    assert order() == ["video 101", "old photo"]
