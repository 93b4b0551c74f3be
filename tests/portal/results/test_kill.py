"""Killed with -9 in the middle, a pack is finished by the next worker: the same bytes, once."""

import hashlib
import os
import signal

import pytest
from wagtail.models import ModelLogEntry

from portal.results.models import Package
from portal.results.packages import ask_for_package, remake_package
from tests.factories import AwardListFactory, SectionFactory, published
from tests.media_processing.makers import jpeg
from tests.media_processing.processes import children_of, run_until_idle, wait_for, worker
from tests.portal.results.conftest import award_to, content_of

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]

WORKS = 6


def prepared(tmp_path):
    return len(list(tmp_path.glob("packages/*/originals/*.json")))


def test_a_killed_workers_pack_is_the_same_as_an_undisturbed_one(environment, tmp_path):
    award_list = published(AwardListFactory(edition=SectionFactory().edition))
    for number in range(WORKS):
        award_to(award_list, jpeg(300 + number, 200))
    package = ask_for_package(award_list=award_list, kind="pack", actor=None)
    for blow in (2, 4):
        with worker(environment) as process:
            # Between two parts, and while exiftool is at one.
            wait_for(lambda blow=blow: prepared(tmp_path) >= blow)
            wait_for(lambda pid=process.pid: children_of(pid))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("making", 2)
    assert 2 <= prepared(tmp_path) < WORKS

    run_until_idle(environment)
    package.refresh_from_db()
    assert (package.state, package.attempts) == ("ready", 3)
    disturbed = package.sha256
    assert hashlib.sha256(content_of(package)).hexdigest() == disturbed
    assert not list(tmp_path.glob("packages/*"))

    remake_package(package=package, actor=None)
    run_until_idle(environment)
    package.refresh_from_db()
    assert (package.state, package.attempts, package.sha256) == ("ready", 1, disturbed)
    assert ModelLogEntry.objects.filter(action="results.package.made").count() == 2
    assert Package.objects.count() == 1
