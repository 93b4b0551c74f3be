"""The content security policy: strict for everybody, wider for Wagtail's own screens only."""

import pytest

from portal.settings.base import origins_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def policy_of(response) -> str:
    return response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/en/accounts/signup/", "/nothing/", "/admini/"]
)
def test_the_site_allows_nothing_inline(client, path):
    policy = policy_of(client.get(path))
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_admin_allows_what_wagtails_pages_need_and_no_other_host(client, page_root):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    response = client.get("/admin/")
    assert response.status_code == 200
    policy = policy_of(response)
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "http" not in policy


@pytest.mark.parametrize(
    ("address", "origins"),
    [("", []), ("https://cdn.example.org:8443/a/b?c", ["https://cdn.example.org:8443"])],
)
def test_the_policy_names_where_files_are_by_their_origin(address, origins):
    assert origins_of(address) == origins
