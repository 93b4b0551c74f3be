"""A package is asked for once, made once, and finished whatever happens to its worker."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.models import ModelLogEntry

from media_processing.leases import LeaseLost
from media_processing.pipeline import Stopped, stopping
from media_processing.signals import worker_swept
from media_processing.storage import originals
from media_processing.sweeper import is_idle
from media_processing.tasks import all_queues
from media_processing.worker import LANES
from portal.results import leases, making, tasks
from portal.results.bundle_facts import BundleRefused
from portal.results.making import make_package
from portal.results.models import Package
from portal.results.packages import PackageRefused, ask_for_package, remake_package
from tests.factories import AwardListFactory, UserFactory, noticed, published
from tests.portal.results.conftest import content_of, run_out
from tests.storages import names

pytestmark = pytest.mark.django_db

CONTENT = b"made of parts"


@pytest.fixture
def parts(monkeypatch):
    """A maker of three parts; returns the list of those that it made. `parts.hook` breaks in."""

    class Parts(list):
        hook = staticmethod(lambda number, package: None)

    made = Parts()

    def maker(package, folder, step):
        for number in range(3):
            step(number, 3)
            part = folder / str(number)
            if not part.exists():
                made.hook(number, package)
                part.write_bytes(CONTENT[number * 5 : number * 5 + 5])
                made.append(number)
        whole = folder / "all.zip"
        whole.write_bytes(b"".join((folder / str(number)).read_bytes() for number in range(3)))
        return whole

    monkeypatch.setitem(making.MAKERS, "pack", maker)
    return made


@pytest.fixture
def package(final_list, parts):
    return ask_for_package(award_list=final_list, kind="pack", actor=UserFactory())


def waiting():
    ready = DBTaskResult.objects.filter(status="READY", queue_name="packages")
    return [task.args_kwargs["args"][0] for task in ready]


def deeds():
    lines = ModelLogEntry.objects.filter(action__startswith="results.package")
    return list(lines.order_by("timestamp", "pk").values_list("action", flat=True))


def kept_of(package):
    """Return the files in the package's place; other tests had rows of the same key."""
    return {name for name in names(originals()) if name.startswith(f"packages/{package.pk}/")}


def sweep():
    worker_swept.send(None)


# --- asking ---------------------------------------------------------------------------------


def test_asked_twice_there_is_one_package_and_one_message(
    final_list, parts, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        first = ask_for_package(award_list=final_list, kind="pack", actor=None)
        again = ask_for_package(award_list=final_list, kind="pack", actor=UserFactory())
    assert (first.pk, first.state) == (again.pk, "waiting")
    assert waiting() == [first.pk]
    assert deeds() == ["results.package.ask"]


@pytest.mark.parametrize("state", ["proposed", "confirmed", "noticed", "replaced"])
def test_nothing_of_a_list_that_is_not_final_can_be_asked_for(parts, state):
    award_list = AwardListFactory()
    award_list.state, award_list.noticed_at = state, timezone.now()
    award_list.save()
    with pytest.raises(PackageRefused):
        ask_for_package(award_list=award_list, kind="pack", actor=None)
    assert not Package.objects.exists()


def test_a_final_list_has_packages_before_its_hour(parts):
    award_list = published(AwardListFactory(), at=timezone.now() + timedelta(days=1))
    assert ask_for_package(award_list=award_list, kind="pack", actor=None).state == "waiting"


def test_the_notices_bundle_can_be_asked_for_from_the_notice_on(parts, monkeypatch):
    monkeypatch.setitem(making.MAKERS, "notice-bundle", making.MAKERS["pack"])
    with pytest.raises(PackageRefused):
        ask_for_package(award_list=AwardListFactory(), kind="notice-bundle", actor=None)
    on_notice = noticed(AwardListFactory())
    assert ask_for_package(award_list=on_notice, kind="notice-bundle", actor=None)


@pytest.mark.parametrize("kind", ["certificates-of-others", "", "bundle"])
def test_a_kind_that_nobody_makes_is_refused(final_list, monkeypatch, kind):
    monkeypatch.delitem(making.MAKERS, "bundle", raising=False)
    with pytest.raises(PackageRefused):
        ask_for_package(award_list=final_list, kind=kind, actor=None)


# --- making ---------------------------------------------------------------------------------


def test_made_it_is_kept_privately_with_its_hash_and_the_folder_is_gone(package, parts):
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.percent, package.attempts) == ("ready", 100, 1)
    assert (package.byte_size, package.problem) == (13, "")
    assert package.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert content_of(package) == CONTENT
    assert package.file.name.startswith(f"packages/{package.pk}/")
    assert package.made_at
    assert package.lease_token is None
    assert not leases.working_folder(package).exists()
    assert deeds() == ["results.package.ask", "results.package.made"]


def test_delivered_twice_it_is_made_once(package, parts):
    tasks.make.func(package.pk)
    tasks.make.func(package.pk)
    assert parts == [0, 1, 2]
    assert deeds().count("results.package.made") == 1


def test_while_one_makes_it_another_does_nothing(package, parts):
    parts.hook = lambda number, package: make_package(package.pk)
    make_package(package.pk)
    package.refresh_from_db()
    assert (parts, package.attempts, package.state) == ([0, 1, 2], 1, "ready")


def test_what_was_taken_away_is_finished_by_its_new_maker_only(package, parts):
    def takes_over(number, package):
        if number == 1:
            parts.hook = lambda number, package: None
            run_out(package)
            make_package(package.pk)

    parts.hook = takes_over
    before = kept_of(package)
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("ready", 2)
    assert content_of(package) == CONTENT
    assert deeds().count("results.package.made") == 1
    assert kept_of(package) - before == {package.file.name}


def test_without_the_lease_nothing_can_be_written(package):
    mine = leases.claim_package(package.pk)
    run_out(package)
    assert leases.claim_package(package.pk)
    for write in (
        lambda: leases.renew(mine, done=1, total=3),
        lambda: leases.give_back(mine),
        lambda: leases.back_off(mine, "broken"),
    ):
        with pytest.raises(LeaseLost):
            write()


def test_progress_is_written_once_a_second_at_most(package, parts, django_assert_num_queries):
    progress = making.Progress(leases.claim_package(package.pk))
    progress.step(0, 100)
    with django_assert_num_queries(0):
        progress.step(50, 100)
    progress.told_at -= making.REPORT_SECONDS
    with django_assert_num_queries(1):
        progress.step(60, 100)
    package.refresh_from_db()
    assert (package.done, package.total, package.percent) == (60, 100, 60)


def test_a_worker_that_is_told_to_stop_gives_it_back_with_its_parts(package, parts):
    def stops(number, package):
        if number == 1:
            stopping.set()

    parts.hook = stops
    try:
        make_package(package.pk)
    finally:
        stopping.clear()
    package.refresh_from_db()
    assert (package.state, package.attempts, package.problem) == ("waiting", 0, "")
    make_package(package.pk)
    assert parts == [0, 1, 2]
    assert issubclass(Stopped, Exception)


def break_down(number, package):
    if number == 2:
        raise ValueError("a broken file")


def test_a_failure_rests_and_is_tried_again_with_the_parts_that_are_there(package, parts):
    parts.hook = break_down
    with pytest.raises(ValueError, match="a broken file"):
        make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("waiting", 1)
    assert package.lease_until > timezone.now()
    make_package(package.pk)  # it rests
    assert parts == [0, 1]
    run_out(package)
    parts.hook = lambda number, package: None
    make_package(package.pk)
    package.refresh_from_db()
    assert (parts, package.state) == ([0, 1, 2], "ready")


def test_after_three_failures_it_is_given_up_in_words_and_can_be_tried_again(package, parts):
    parts.hook = break_down
    for _attempt in range(3):
        with pytest.raises(ValueError, match="a broken file"):
            make_package(package.pk)
        run_out(package)
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("failed", 3)
    assert package.problem == f"{making.BROKEN}\nValueError: a broken file"
    assert deeds()[-1] == "results.package.fail"
    parts.hook = lambda number, package: None
    remake_package(package=package, actor=UserFactory())
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.problem, parts) == ("ready", "", [0, 1, 2])


def test_what_its_maker_refuses_is_given_up_at_once_in_the_makers_words(package, parts):
    def refuse(number, package):
        raise BundleRefused("The awards do not follow.", "work P-000001 has no score")

    parts.hook = refuse
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("failed", 1)
    assert package.problem == "The awards do not follow.\nwork P-000001 has no score"
    assert deeds()[-1] == "results.package.fail"


def test_a_full_disk_is_called_by_its_name(package, parts):
    error = OSError(28, "No space left on device")
    assert making.in_words(error).startswith(making.DISK_FULL)


# --- once more ------------------------------------------------------------------------------


def test_a_ready_package_is_made_anew_only_when_asked_with_that_verb(final_list, package, parts):
    make_package(package.pk)
    assert ask_for_package(award_list=final_list, kind="pack", actor=None).state == "ready"
    make_package(package.pk)
    assert len(parts) == 3
    package.refresh_from_db()
    old = package.file.name
    remake_package(package=package, actor=UserFactory())
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, len(parts)) == ("ready", 6)
    assert package.file.name != old
    assert not originals().exists(old)


def test_what_waits_or_is_being_made_cannot_be_asked_anew(package):
    with pytest.raises(PackageRefused):
        remake_package(package=package, actor=None)
    leases.claim_package(package.pk)
    with pytest.raises(PackageRefused):
        remake_package(package=package, actor=None)


# --- what is left lying ------------------------------------------------------------------------


def test_a_killed_workers_package_is_taken_over(package, parts):
    claimed = leases.claim_package(package.pk)
    sweep()
    assert waiting() == []  # its worker lives, for all we know
    run_out(claimed)
    sweep()
    sweep()
    assert waiting() == [package.pk]
    make_package(package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("ready", 2)


def test_a_message_that_was_never_sent_is_sent(package):
    sweep()
    assert waiting() == [package.pk]


def test_what_killed_its_worker_three_times_is_given_up_in_words(package, parts):
    for _attempt in range(3):
        run_out(leases.claim_package(package.pk))
    sweep()
    package.refresh_from_db()
    assert (package.state, package.problem) == ("failed", making.DIED)
    assert waiting() == []
    assert deeds()[-1] == "results.package.fail"


def test_a_worker_is_not_idle_while_a_package_is_unfinished(package, parts):
    assert not is_idle(all_queues())
    make_package(package.pk)
    assert is_idle(all_queues())


def test_a_lane_takes_packages_after_photos_and_videos():
    assert [lane for lane in LANES if "packages" in lane] == [("photos", "videos", "packages")]
    assert tasks.make.priority == -97


def test_what_lies_in_the_folder_of_an_unknown_row_is_not_used(final_list, parts):
    foreign = leases.working_folder(Package(pk=1))
    for pk in range(1, 20):  # whatever key the row gets
        folder = foreign.with_name(str(pk))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "0").write_bytes(b"other")
    package = ask_for_package(award_list=final_list, kind="pack", actor=None)
    if package.pk < 20:
        assert not leases.working_folder(package).exists()
    make_package(package.pk)
    package.refresh_from_db()
    assert content_of(package) == CONTENT
