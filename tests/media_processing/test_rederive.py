"""`manage.py rederive`: asks the worker, watches the rows, may be left and run again."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from media_processing import leases
from media_processing.derive.recipes import RECIPE
from media_processing.management.commands import rederive
from media_processing.models import MediaAsset, WorkerPulse
from media_processing.queries import status_of
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_worker_is_alive(db):
    WorkerPulse.objects.create(lane="host-1-abc", beat_at=timezone.now())


def shown(recipe=RECIPE - 1, **fields):
    return AssetFactory(state="ready", recipe=recipe, **fields)


def run(monkeypatch, *options, worker=lambda: None):
    """Run the command; `worker` is called each time it sleeps."""
    monkeypatch.setattr(rederive.time, "sleep", lambda seconds: worker())
    out, err = io.StringIO(), io.StringIO()
    call_command("rederive", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def make_one_anew():
    asset = leases.claim_asset(leases.renewals().order_by("created_at").first().pk)
    leases.finish(asset, [], recipe=RECIPE)


def interrupt():
    raise KeyboardInterrupt


def asked_for():
    return set(leases.renewals())


def test_what_an_older_recipe_made_is_made_anew_with_progress(monkeypatch):
    shown(), shown(), shown(recipe=RECIPE)
    made = []
    _out, err = run(monkeypatch, worker=lambda: made.append(make_one_anew()))
    assert len(made) == 2
    assert "2/2" in err
    assert not MediaAsset.objects.exclude(recipe=RECIPE).exists()


def test_left_by_ctrl_c_it_goes_on_and_run_again_it_shows_the_rest(monkeypatch):
    first, second = shown(), shown()
    out, _err = run(monkeypatch, worker=interrupt)
    assert "The worker goes on." in out
    assert asked_for() == {first, second}
    make_one_anew()
    claimed = leases.claim_asset(second.pk)
    _out, err = run(monkeypatch, worker=interrupt)
    assert "0/1" in err
    second.refresh_from_db()
    assert (second.lease_token, second.attempts) == (claimed.lease_token, 1)


def test_only_one_kind_when_asked(monkeypatch):
    shown()
    video = shown(kind="video")
    run(monkeypatch, "--kind", "video", worker=interrupt)
    assert asked_for() == {video}


def test_all_includes_the_present_recipe_and_starts_over_only_when_nothing_is_under_way(
    monkeypatch,
):
    assets = {shown(recipe=RECIPE), shown(recipe=RECIPE)}
    run(monkeypatch, "--all", worker=interrupt)
    assert asked_for() == assets
    make_one_anew()
    run(monkeypatch, "--all", worker=interrupt)
    assert len(asked_for()) == 1


def test_with_nothing_to_do_it_ends_at_once(monkeypatch):
    shown(recipe=RECIPE)
    run(monkeypatch, worker=lambda: pytest.fail("waited"))


def test_it_says_what_could_not_be_made_anew_and_tries_that_again_the_next_time(monkeypatch):
    asset = shown()

    def fail():
        leases.refuse(leases.claim_asset(asset.pk), "damaged", {})

    _out, err = run(monkeypatch, worker=fail)
    assert "1 could not be made anew" in err
    run(monkeypatch, worker=interrupt)
    assert asked_for() == {asset}


def test_it_says_when_no_worker_is_there_to_do_it(monkeypatch):
    WorkerPulse.objects.all().delete()
    shown()
    assert "No worker is alive" in run(monkeypatch, worker=interrupt)[1]


def test_a_page_that_waits_is_told_nothing_of_it():
    asset = shown(reason="damaged", percent=40)
    (told,) = status_of([asset])
    assert (told["state"], told["percent"], told["reason"]) == ("ready", 100, "")
