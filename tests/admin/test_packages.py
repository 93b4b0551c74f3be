"""The organiser asks for packages and downloads them; nobody else does."""

import re

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from portal.accounts.groups import ORGANISERS
from portal.results import making
from portal.results.models import Package
from tests.admin.conftest import count_queries, sign_in
from tests.factories import AwardListFactory, PackageFactory, published
from tests.storages import HANDED_OUT, arrived, disk_only

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def final_list():
    return published(AwardListFactory())


@pytest.fixture
def ready(final_list):
    package = PackageFactory(award_list=final_list, kind="pack")
    package.file.save("pack.zip", ContentFile(CONTENT), save=False)
    package.state, package.sha256, package.byte_size = "ready", "ab" * 32, len(CONTENT)
    package.made_at = timezone.now()
    package.save()
    return package


def page(award_list):
    return reverse("results_packages", args=[award_list.pk])


def link(client, package):
    return client.get(reverse("results_package_download", args=[package.pk])).url


def body(response):
    return b"".join(response.streaming_content)


def test_each_kind_says_what_it_is_and_can_be_asked_for(organiser, final_list):
    response = organiser.get(page(final_list))
    kinds = {line.kind: line.may_be_asked for line in response.context["lines"]}
    assert kinds == dict.fromkeys(making.MAKERS, True)
    organiser.post(page(final_list), {"kind": "pack"})
    package = Package.objects.get()
    assert (package.state, package.asked_by) == ("waiting", organiser.user)
    assert "data-busy" in organiser.get(page(final_list)).content.decode()


def test_what_the_page_sends_passes_the_check_against_forged_requests(organiser, final_list):
    organiser.handler.enforce_csrf_checks = True
    form = organiser.get(page(final_list)).content.decode().partition('<form method="post">')[2]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.partition("</form>")[0])
    sent = {"kind": "pack", "csrfmiddlewaretoken": token[1]}
    assert organiser.post(page(final_list), sent).status_code == 302
    assert Package.objects.exists()


def test_before_the_awards_are_final_it_cannot(organiser):
    award_list = AwardListFactory()
    response = organiser.get(page(award_list))
    assert not any(line.may_be_asked for line in response.context["lines"])
    organiser.post(page(award_list), {"kind": "pack"})
    assert not Package.objects.exists()


def test_while_nothing_is_made_the_page_asks_nothing(organiser, ready):
    content = organiser.get(page(ready.award_list)).content.decode()
    assert "data-busy" not in content
    assert ready.sha256 in content


def test_how_far_it_is_and_that_no_worker_is_there(organiser, final_list):
    PackageFactory(award_list=final_list, state="making", done=30, total=120)
    response = organiser.get(page(final_list))
    assert 'value="25" max="100"' in response.content.decode()
    assert response.context["is_stuck"]


def test_what_failed_is_told_in_words_and_tried_again(organiser, final_list):
    package = PackageFactory(
        award_list=final_list, state="failed", problem=f"{making.DISK_FULL}\nOSError: 28"
    )
    assert "OSError: 28" in organiser.get(page(final_list)).content.decode()
    organiser.post(page(final_list), {"kind": "pack"})
    package.refresh_from_db()
    assert (package.state, package.problem) == ("waiting", "")


def test_made_anew_it_waits_again_and_cannot_be_downloaded_meanwhile(organiser, ready):
    signed = link(organiser, ready)
    organiser.post(page(ready.award_list), {"kind": "pack"})
    ready.refresh_from_db()
    assert ready.state == "waiting"
    assert organiser.get(signed).status_code == 404
    back = organiser.get(reverse("results_package_download", args=[ready.pk]))
    assert back.url == page(ready.award_list)


def test_the_organiser_downloads_it(organiser, ready):
    content, headers = arrived(organiser.get(link(organiser, ready)))
    assert content == CONTENT
    slug = ready.award_list.edition.slug
    assert headers["Content-Disposition"] == f'attachment; filename="{slug}-v1-pack.zip"'
    assert headers["Content-Type"] == "application/zip"
    assert headers["Cache-Control"] == "private, no-store"
    assert ModelLogEntry.objects.get(action="results.package.fetch").user == organiser.user


@disk_only
def test_on_this_site_nothing_may_be_guessed_of_it_and_nothing_run(organiser, ready):
    response = organiser.head(link(organiser, ready))
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


@disk_only
def test_a_broken_download_goes_on_in_the_same_file_only(organiser, ready):
    signed = link(organiser, ready)
    etag = f'"{"ab" * 32}"'
    rest = organiser.get(signed, headers={"Range": "bytes=1000-", "If-Range": etag})
    assert (rest.status_code, rest["Content-Range"]) == (206, "bytes 1000-1023/1024")
    assert body(rest) == CONTENT[1000:]
    anew = organiser.get(signed, headers={"Range": "bytes=1000-", "If-Range": '"another"'})
    assert anew.status_code == 200
    assert body(anew) == CONTENT


def test_a_link_is_good_for_ten_minutes(organiser, ready):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        signed = link(organiser, ready)
        clock.shift(599)
        assert organiser.head(signed).status_code == HANDED_OUT
        clock.shift(2)
        assert organiser.head(signed).status_code == 404


def test_a_link_is_good_for_who_it_was_made_for(client, organiser, ready):
    signed = link(organiser, ready)
    assert client.get(signed).status_code == 404
    assert sign_in(ORGANISERS).get(signed).status_code == 404
    assert organiser.get(signed[:-1] + "x").status_code == 404
    organiser.user.groups.clear()
    assert organiser.get(signed).status_code == 404


def test_judges_entrants_and_managers_see_nothing_of_it(judge, entrant, manager, ready):
    for stranger in (judge, entrant, manager):
        for url in (
            page(ready.award_list),
            reverse("results_package_download", args=[ready.pk]),
        ):
            assert stranger.get(url).status_code in (302, 403)
            assert "/packages/ey" not in stranger.get(url).headers.get("Location", "")


def test_the_page_costs_the_same_with_one_package_and_with_three(organiser, final_list):
    PackageFactory(award_list=final_list, kind="pack")
    count_queries(organiser, page(final_list))
    cost = count_queries(organiser, page(final_list))
    for kind in ("bundle", "certificates"):
        PackageFactory(award_list=final_list, kind=kind)
    assert count_queries(organiser, page(final_list)) == cost
    lines = organiser.get(page(final_list)).context["lines"]
    assert [line.kind for line in lines if line.package] == ["bundle", "certificates", "pack"]
