"""What everybody is shown of the bundles, and when."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from portal.results.queries import public_bundles, public_root
from tests.factories import (
    AwardListFactory,
    EditionFactory,
    PackageFactory,
    noticed,
    published,
)
from tests.storages import arrived, disk_only

pytestmark = pytest.mark.django_db

PAGE = reverse("results-verify", args=["2026"])
NOTICE_ROOT, ROOT = "a" * 64, "b" * 64
FILES = [reverse("results-bundle", args=["2026", kind]) for kind in ("notice-bundle", "bundle")]
QUERIES = 7


@pytest.fixture
def award_list():
    return AwardListFactory(edition=EditionFactory(slug="2026", title="第三届摄影大赛"))


def a_bundle(award_list, kind, root):
    package = PackageFactory(award_list=award_list, kind=kind, root=root, sha256=root[::-1])
    package.file.save("x.zip", ContentFile(f"bytes of {kind}".encode()), save=False)
    package.state, package.byte_size = "ready", package.file.size
    package.save()
    return package


@pytest.fixture
def bundles(award_list):
    return [
        a_bundle(award_list, "notice-bundle", NOTICE_ROOT),
        a_bundle(award_list, "bundle", ROOT),
    ]


def in_an_hour():
    return timezone.now() + timedelta(hours=1)


def test_before_the_notice_there_is_nothing(client, award_list, bundles):
    award_list.state, award_list.noticed_at = "noticed", in_an_hour()
    award_list.save()
    assert [client.get(url).status_code for url in (PAGE, *FILES)] == [404, 404, 404]
    assert public_root(award_list.edition) is None


def test_on_notice_the_root_is_shown_and_no_file(client, award_list, bundles):
    noticed(award_list)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert NOTICE_ROOT in page.text
    assert ROOT not in page.text
    assert [client.get(url).status_code for url in FILES] == [404, 404]
    assert public_root(award_list.edition) == NOTICE_ROOT


def test_a_second_before_their_hour_final_results_are_as_on_notice(client, award_list, bundles):
    published(noticed(award_list), at=in_an_hour())
    page = client.get(PAGE)
    assert NOTICE_ROOT in page.text
    assert ROOT not in page.text
    assert [client.get(url).status_code for url in FILES] == [404, 404]


def test_with_the_results_come_both_files_and_the_commands(client, award_list, bundles):
    published(noticed(award_list))
    page = client.get(PAGE).text
    for package in bundles:
        assert package.root in page
        assert package.sha256 in page
        name = f"2026-{package.kind}-v1.zip"
        assert f"python -m portal.results.bundle {name} \\\n  --root {package.root}" in page
        assert f"python manage.py verify_results {name} \\\n  --root {package.root}" in page
    assert list(public_bundles(award_list.edition)) == bundles[::-1]


def test_a_file_is_downloaded_whole_under_its_name(client, award_list, bundles):
    published(noticed(award_list))
    content, headers = arrived(client.get(FILES[1]))
    assert content == b"bytes of bundle"
    assert headers["Content-Disposition"] == 'attachment; filename="2026-bundle-v1.zip"'
    assert headers["Content-Type"] == "application/zip"


@disk_only
def test_a_file_is_downloaded_in_parts_too_and_kept_by_its_digest(client, award_list, bundles):
    published(noticed(award_list))
    whole = client.get(FILES[1])
    assert whole.headers["ETag"] == f'"{bundles[1].sha256}"'
    part = client.get(FILES[1], headers={"Range": "bytes=9-14"})
    assert (part.status_code, part.getvalue()) == (206, b"bundle")
    again = client.get(FILES[1], headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304


def test_other_packages_are_no_bundles(client, award_list):
    a_bundle(award_list, "pack", "")
    published(noticed(award_list))
    assert client.get(reverse("results-bundle", args=["2026", "pack"])).status_code == 404


def test_a_bundle_that_is_not_ready_is_announced(client, award_list):
    PackageFactory(award_list=award_list, kind="bundle", state="making")
    published(noticed(award_list))
    page = client.get(PAGE, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert page.context["files"] == []
    assert client.get(FILES[1]).status_code == 404


def test_an_unknown_edition_is_not_found(client):
    assert client.get(reverse("results-verify", args=["1999"])).status_code == 404


@pytest.mark.parametrize("rows", [1, 2])
def test_the_page_costs_the_same_queries(client, award_list, rows, django_assert_num_queries):
    for kind, root in (("bundle", ROOT), ("notice-bundle", NOTICE_ROOT))[:rows]:
        a_bundle(award_list, kind, root)
    published(noticed(award_list))
    client.get(PAGE)
    with django_assert_num_queries(QUERIES):
        client.get(PAGE)
