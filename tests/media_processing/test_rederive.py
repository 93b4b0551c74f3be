"""Files of an older recipe are made anew while the old ones are shown, or stay as they were."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from media_processing import leases, sweeper
from media_processing.derive.recipes import RECIPE
from media_processing.models import MediaAsset
from media_processing.services import rederive
from media_processing.states import MAX_ATTEMPTS, Reason
from tests.factories import AssetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def old():
    """A ready photo whose pictures an earlier recipe made."""
    return AssetFactory(recipe=RECIPE - 1)


def names(asset):
    return set(asset.derivatives.values_list("name", flat=True))


def let_it_run_out(asset):
    MediaAsset.objects.filter(pk=asset.pk).update(lease_until=timezone.now() - timedelta(days=1))


def test_it_stays_ready_while_its_files_are_made_anew(old):
    mine = leases.claim_asset(old.pk)
    assert mine.state == "ready"
    leases.renew(mine, step="pictures", percent=10)
    old.refresh_from_db()
    assert old.is_ready


def test_only_one_worker_makes_it_anew(old):
    leases.claim_asset(old.pk)
    assert leases.claim_asset(old.pk) is None


def test_what_the_recipe_of_today_made_is_left_alone(db):
    assert leases.claim_asset(AssetFactory(recipe=RECIPE).pk) is None


@pytest.mark.parametrize(
    "end",
    [
        lambda asset: leases.refuse(asset, Reason.TOO_COSTLY, {}),
        leases.give_up,
        leases.give_back,
    ],
    ids=["refused", "failed", "stopped"],
)
def test_whatever_goes_wrong_it_keeps_its_old_files(old, end):
    before = names(old)
    end(leases.claim_asset(old.pk))
    old.refresh_from_db()
    assert (old.state, old.recipe, old.lease_token) == ("ready", RECIPE - 1, None)
    assert names(old) == before != set()


def test_a_dead_workers_asset_waits_again_behind_all_others(old):
    leases.claim_asset(old.pk)
    let_it_run_out(old)
    sweeper.sweep()
    assert DBTaskResult.objects.get().priority == -99


def test_after_the_last_attempt_it_is_left_with_the_reason(old):
    for _attempt in range(MAX_ATTEMPTS):
        assert leases.claim_asset(old.pk)
        let_it_run_out(old)
    sweeper.sweep()
    old.refresh_from_db()
    assert (old.state, old.attempts, old.reason) == ("ready", MAX_ATTEMPTS, "gave_up")
    assert not DBTaskResult.objects.exists()


def test_asking_twice_sends_one_message_each(old):
    AssetFactory(recipe=RECIPE - 1, kind="video")
    AssetFactory(recipe=RECIPE)
    assert (rederive(), rederive()) == (2, 2)
    assert sorted(DBTaskResult.objects.values_list("priority", flat=True)) == [-100, -99]


def test_asking_again_tries_once_more_what_failed(old):
    MediaAsset.objects.filter(pk=old.pk).update(attempts=MAX_ATTEMPTS, reason="gave_up")
    rederive()
    old.refresh_from_db()
    assert (old.attempts, old.reason) == (0, "")


def test_what_somebody_works_on_is_not_asked_for(old):
    leases.claim_asset(old.pk)
    rederive()
    assert not DBTaskResult.objects.exists()


def test_the_command_tells_how_many_were_made_anew(monkeypatch, old):
    failing = AssetFactory(recipe=RECIPE - 1)

    def work(seconds):
        """Do what a worker would between two looks of the command."""
        MediaAsset.objects.filter(pk=old.pk).update(recipe=RECIPE)
        MediaAsset.objects.filter(pk=failing.pk).update(reason="gave_up")

    monkeypatch.setattr("media_processing.management.commands.rederive.time.sleep", work)
    out = StringIO()
    call_command("rederive", stdout=out)
    assert out.getvalue() == "1 made anew, 1 failed and kept as they were.\n"
