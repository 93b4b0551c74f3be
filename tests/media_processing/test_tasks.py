"""Whose turn it is: photos before videos, and no organisation before all the others."""

from itertools import count

import pytest
from django_tasks_db.models import DBTaskResult

from media_processing import tasks
from media_processing.models import MediaAsset
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def arrive():
    """`arrive("alpha", 3, kind)`: three files of an organisation come, one after another."""
    numbers = count(1)

    def arrive(owner, times=1, kind="photo"):
        for _ in range(times):
            name = f"{owner}-{next(numbers)}"
            asset = AssetFactory(
                state="received",
                kind=kind,
                on_behalf_of=owner,
                original_name=name,
                derivatives=False,
            )
            tasks.enqueue(asset)

    return arrive


def order():
    names = {str(one.pk): one.original_name for one in MediaAsset.objects.all()}
    return [names[task.args_kwargs["args"][0]] for task in DBTaskResult.objects.ready()]


def test_organisations_take_turns_whoever_came_with_a_hundred_files(arrive):
    arrive("alpha", 4)
    arrive("beta", 2)
    arrive("gamma", 1)
    assert order() == ["alpha-1", "beta-5", "gamma-7", "alpha-2", "beta-6", "alpha-3", "alpha-4"]


def test_without_turns_the_last_to_come_waits_for_everybody(arrive, monkeypatch):
    """The control: first come, first served."""
    monkeypatch.setattr(tasks, "LAST_TURN", tasks.FIRST_TURN)
    arrive("alpha", 4)
    arrive("beta", 1)
    assert order()[-1] == "beta-5"


def test_a_file_at_work_is_a_turn_taken(arrive):
    arrive("alpha")
    DBTaskResult.objects.all().delete()
    MediaAsset.objects.update(state="processing")
    arrive("alpha")
    arrive("beta")
    assert order() == ["beta-3", "alpha-2"]


def test_what_has_ended_and_what_is_still_coming_takes_no_turn(arrive):
    for state in ("uploading", "ready", "refused", "failed"):
        AssetFactory(state=state, on_behalf_of="beta", derivatives=False)
    arrive("alpha")
    arrive("beta")
    arrive("alpha")
    assert order() == ["alpha-1", "beta-2", "alpha-3"]


def test_photos_and_videos_have_turns_of_their_own_and_photos_come_first(arrive):
    arrive("alpha", 1, "video")
    arrive("alpha", 2, "photo")
    arrive("beta", 1, "video")
    assert order() == ["alpha-2", "alpha-3", "alpha-1", "beta-4"]


def test_no_number_of_files_falls_below_what_is_made_anew_or_out_of_the_queues_numbers(arrive):
    arrive("alpha", 120)
    arrive("alpha", 120, "video")
    priorities = DBTaskResult.objects.values_list("priority", flat=True)
    assert min(priorities) > max(tasks.RENEWAL.values())
    photos = DBTaskResult.objects.filter(queue_name="photos").values_list("priority", flat=True)
    videos = DBTaskResult.objects.filter(queue_name="videos").values_list("priority", flat=True)
    assert min(photos) > max(videos)
    assert order()[:120] == [f"alpha-{n}" for n in range(1, 121)]


def test_a_notice_waits_for_no_file(arrive):
    from portal.notifications.tasks import send_notice

    arrive("alpha", 3)
    notice = send_notice.enqueue(1)
    assert str(DBTaskResult.objects.ready().first().pk) == notice.id
