"""A NUL, which no text of ours has and PostgreSQL refuses, is answered as what is not there."""

import pytest

from competition.awards.queries import find_objectionable
from tests.factories import AwardListFactory, noticed, open_phase

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _results(edition, site, make_works):
    open_phase(edition, "voting")
    open_phase(edition, "published")
    make_works(1)


@pytest.mark.parametrize("text", ["%00", "P%00", "%00P"])
def test_nothing_is_found_in_the_gallery(client, text):
    response = client.get(f"/gallery/?q={text}")
    assert response.status_code == 200
    assert list(response.context["works"]) == []


@pytest.mark.parametrize(
    "path",
    [
        "/%00/",
        "/gallery/works/%00/",
        "/posters/2026/%00.png",
        "/vote/2026/%00/",
        "/certificates/%00/",
        "/certificates/%00/certificate.pdf",
        "/organisations/invitations/%00/",
        "/media/images/%00",
        "/derivatives/%00",
        "/originals/%00",
        "/packages/%00",
        "/notice/2026/objections/%00/",
        "/en/gallery/works/%00/",
    ],
)
def test_no_address_has_one(client, path):
    assert client.get(path).status_code == 404


def test_nobody_objects_to_a_work_of_such_a_number(client, edition):
    open_phase(edition, "notice")
    award_list = noticed(AwardListFactory(edition=edition))
    assert find_objectionable(award_list, "P\x00") is None
    address = "/notice/2026/objections/new/"
    assert client.get(f"{address}?work=P%00").status_code == 200
    assert client.post(address, {"work": "P\x00"}).status_code == 200
