"""Of any number of workers one holds an asset, and a dead one loses it."""

import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import IntegrityError, connection
from django.utils import timezone

from media_processing import leases
from media_processing.models import Derivative, Fingerprint, MediaAsset
from tests.factories import AssetFactory
from tests.media_processing.makers import let_it_run_out


@pytest.fixture
def asset(db):
    return AssetFactory(state="received", derivatives=False)


def derivative_of(asset, name="picture-320-webp"):
    return Derivative(
        asset=asset,
        role="picture",
        name=name,
        file="ab/x.webp",
        mime_type="image/webp",
        width=1,
        height=1,
        byte_size=1,
    )


def test_a_claim_starts_an_attempt(asset):
    mine = leases.claim_asset(asset.pk)
    assert (mine.state, mine.attempts) == ("processing", 1)
    assert mine.lease_until > timezone.now()


def test_what_is_held_can_not_be_claimed(asset):
    leases.claim_asset(asset.pk)
    assert leases.claim_asset(asset.pk) is None


@pytest.mark.parametrize("state", ["uploading", "ready", "refused", "failed"])
def test_what_has_not_begun_or_has_ended_can_not_be_claimed(asset, state):
    MediaAsset.objects.filter(pk=asset.pk).update(state=state)
    assert leases.claim_asset(asset.pk) is None


def test_what_is_not_there_can_not_be_claimed(db):
    assert leases.claim_asset(uuid.uuid4()) is None


def test_a_silent_workers_asset_is_taken_over(asset):
    first = leases.claim_asset(asset.pk)
    let_it_run_out(asset)
    second = leases.claim_asset(asset.pk)
    assert second.attempts == 2
    assert second.lease_token != first.lease_token


def test_a_renewed_lease_is_not_taken_over(asset):
    mine = leases.claim_asset(asset.pk)
    let_it_run_out(asset)
    leases.renew(mine, step="clip", percent=40)
    assert leases.claim_asset(asset.pk) is None
    mine.refresh_from_db()
    assert (mine.step, mine.percent) == ("clip", 40)


def test_a_worker_that_wakes_up_late_can_write_nothing(asset):
    late = leases.claim_asset(asset.pk)
    let_it_run_out(asset)
    leases.claim_asset(asset.pk)
    for write in (
        lambda: leases.renew(late, step="", percent=99),
        lambda: leases.note_digest(late, "0" * 64),
        lambda: leases.finish(late, [derivative_of(late)]),
        lambda: leases.refuse(late, "damaged", {}),
        lambda: leases.back_off(late, OSError()),
        lambda: leases.give_back(late),
    ):
        with pytest.raises(leases.LeaseLost):
            write()
    asset.refresh_from_db()
    assert (asset.state, asset.percent, asset.reason) == ("processing", 0, "")
    assert not asset.derivatives.exists()


def test_finishing_replaces_every_derivative_at_once(asset):
    derivative_of(asset, "old").save()
    mine = leases.claim_asset(asset.pk)
    leases.finish(mine, [derivative_of(asset, "new")], width=7, height=5)
    asset.refresh_from_db()
    assert (asset.state, asset.percent, asset.width) == ("ready", 100, 7)
    assert (asset.lease_token, asset.lease_until) == (None, None)
    assert asset.finished_at is not None
    assert [one.name for one in asset.derivatives.all()] == ["new"]


def test_finishing_replaces_the_fingerprints_too(asset):
    Fingerprint(asset=asset, bits="0" * 64, quality=1).save()
    mine = leases.claim_asset(asset.pk)
    leases.finish(mine, [], [Fingerprint(asset=asset, bits="f" * 64, quality=99)])
    assert [(one.bits, one.quality) for one in asset.fingerprints.all()] == [("f" * 64, 99)]


def test_finishing_is_all_or_nothing(asset):
    derivative_of(asset, "old").save()
    mine = leases.claim_asset(asset.pk)
    twice = [derivative_of(asset, "same"), derivative_of(asset, "same")]
    with pytest.raises(IntegrityError):
        leases.finish(mine, twice)
    asset.refresh_from_db()
    assert asset.state == "processing"
    assert [one.name for one in asset.derivatives.all()] == ["old"]


def test_giving_back_costs_no_attempt(asset):
    leases.give_back(leases.claim_asset(asset.pk))
    asset.refresh_from_db()
    assert (asset.state, asset.attempts, asset.lease_token) == ("received", 0, None)


def test_after_three_attempts_nobody_tries_again(asset):
    for _ in range(3):
        assert leases.claim_asset(asset.pk) is not None
        let_it_run_out(asset)
    assert leases.claim_asset(asset.pk) is None
    assert leases.give_up_exhausted(timezone.now()) == 1
    asset.refresh_from_db()
    assert (asset.state, asset.reason, asset.reason_values) == (
        "failed",
        "gave_up",
        {"attempts": 3},
    )


def test_the_third_attempt_may_take_its_time(asset):
    for _ in range(2):
        leases.claim_asset(asset.pk)
        let_it_run_out(asset)
    leases.claim_asset(asset.pk)
    assert leases.give_up_exhausted(timezone.now()) == 0


# --- Rest between attempts ------------------------------------------------------------------


def test_each_rest_is_longer_than_the_one_before(asset, settings):
    settings.MEDIA_PROCESSING = {**settings.MEDIA_PROCESSING, "LEASE_SECONDS": 10}
    rests = []
    for _ in range(2):
        leases.back_off(leases.claim_asset(asset.pk), OSError("disk full"))
        asset.refresh_from_db()
        rests.append(round((asset.lease_until - timezone.now()).total_seconds()))
        assert (asset.state, asset.step, asset.percent) == ("processing", "", 0)
        assert leases.claim_asset(asset.pk) is None
        let_it_run_out(asset)
    assert rests == [10, 30]


def test_the_last_error_is_kept_for_the_organiser(asset):
    MediaAsset.objects.filter(pk=asset.pk).update(attempts=2)
    leases.back_off(leases.claim_asset(asset.pk), OSError("disk full"))
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == ("failed", "gave_up")
    assert asset.reason_values == {"attempts": 3, "error": "OSError: disk full"}


# --- Made anew ------------------------------------------------------------------------------


@pytest.fixture
def shown(db):
    """A ready file, asked to be made anew, and the moment it was first ready."""
    first = timezone.now() - timedelta(days=30)
    shown = AssetFactory(state="ready", attempts=3, finished_at=first)
    assert leases.ask_for_renewal(MediaAsset.objects.filter(pk=shown.pk)) == 1
    shown.first = first
    return shown


def is_as_it_was(shown):
    shown.refresh_from_db()
    names = [one.name for one in shown.derivatives.all()]
    return (shown.state, shown.finished_at, len(names)) == ("ready", shown.first, 3)


def test_only_what_is_ready_and_not_asked_for_already_is_made_anew(shown):
    for state in ("uploading", "received", "processing", "refused", "failed"):
        AssetFactory(state=state, derivatives=False)
    assert leases.ask_for_renewal(MediaAsset.objects.all()) == 0
    assert list(leases.renewals()) == [shown]


def test_what_is_made_anew_stays_ready_and_shown_until_it_is_replaced(shown):
    mine = leases.claim_asset(shown.pk)
    assert mine.attempts == 1
    assert leases.claim_asset(shown.pk) is None
    leases.renew(mine, step="pictures", percent=40)
    assert is_as_it_was(shown)
    leases.finish(mine, [derivative_of(shown, "new")], recipe=9)
    shown.refresh_from_db()
    assert (shown.state, shown.recipe, shown.finished_at) == ("ready", 9, shown.first)
    assert [one.name for one in shown.derivatives.all()] == ["new"]
    assert not leases.renewals().exists()


def test_a_dead_workers_renewal_is_taken_over(shown):
    first = leases.claim_asset(shown.pk)
    let_it_run_out(shown)
    assert leases.claim_asset(shown.pk).attempts == 2
    with pytest.raises(leases.LeaseLost):
        leases.finish(first, [derivative_of(shown)])
    assert is_as_it_was(shown)


def test_a_renewal_given_back_waits_again(shown):
    leases.give_back(leases.claim_asset(shown.pk))
    assert is_as_it_was(shown)
    assert leases.claim_asset(shown.pk).attempts == 1


@pytest.mark.parametrize("end", ["refused", "error", "dead"])
def test_what_could_not_be_made_anew_stays_as_it_was_with_the_reason(shown, end):
    for _ in range(3):
        mine = leases.claim_asset(shown.pk)
        if end == "error":
            leases.back_off(mine, OSError("disk full"))
        let_it_run_out(shown)
    if end == "refused":
        leases.refuse(mine, "damaged", {})
    if end == "dead":
        assert leases.give_up_exhausted(timezone.now()) == 1
    else:
        MediaAsset.objects.filter(pk=shown.pk).update(lease_until=None)
    assert is_as_it_was(shown)
    assert shown.reason == ("damaged" if end == "refused" else "gave_up")
    assert list(leases.failed_renewals()) == [shown]
    assert leases.claim_asset(shown.pk) is None


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_workers_claim_one_asset_once():
    asset = AssetFactory(state="received", derivatives=False)
    start, got = Barrier(8, timeout=60), []

    def claim():
        start.wait()
        got.append(leases.claim_asset(asset.pk))
        connection.close()

    threads = [Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len([one for one in got if one]) == 1
    asset.refresh_from_db()
    assert asset.attempts == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_reading_first_and_writing_then_would_claim_it_more_than_once():
    """The control: what the one UPDATE above protects from."""
    asset = AssetFactory(state="received", derivatives=False)
    read, got = Barrier(4, timeout=60), []

    def claim():
        mine = MediaAsset.objects.get(pk=asset.pk)
        read.wait()
        if mine.state == "received":
            mine.state = "processing"
            mine.save(update_fields=["state"])
            got.append(mine)
        connection.close()

    threads = [Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4


# --- The clock is set back --------------------------------------------------------------------


def test_a_lease_further_away_than_any_can_be_is_over(asset):
    dead = leases.claim_asset(asset.pk)
    in_an_hour = timezone.now() + timedelta(hours=1)
    MediaAsset.objects.filter(pk=asset.pk).update(lease_until=in_an_hour)
    assert list(leases.expired(timezone.now())) == [asset]
    assert leases.claim_asset(asset.pk).attempts == 2
    with pytest.raises(leases.LeaseLost):
        leases.renew(dead, step="", percent=1)


def test_the_longest_rest_there_is_is_not_over(asset):
    MediaAsset.objects.filter(pk=asset.pk).update(attempts=1)
    leases.back_off(leases.claim_asset(asset.pk), OSError())
    assert not leases.expired(timezone.now()).exists()
    assert leases.claim_asset(asset.pk) is None


# --- One host's clock is wrong ----------------------------------------------------------------

only_hosts = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one host")


@only_hosts
@pytest.mark.parametrize("hours", [1, -1])
def test_a_host_with_a_wrong_clock_takes_nothing_from_the_living(asset, hours):
    mine = leases.claim_asset(asset.pk)
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        assert leases.claim_asset(asset.pk) is None
        assert not leases.expired(leases.shared_now()).exists()
    leases.renew(mine, step="", percent=1)


@only_hosts
@pytest.mark.parametrize("hours", [1, -1])
def test_a_lease_is_as_long_as_any_whatever_its_holder_s_clock_says(asset, hours):
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        mine = leases.claim_asset(asset.pk)
    left = (mine.lease_until - timezone.now()).total_seconds()
    assert leases.lease_seconds() - 2 < left <= leases.lease_seconds()
