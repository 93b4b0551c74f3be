"""What is somebody else's, beside tests/portal/test_doors.py: what one's own association sees."""

import pytest
from django.urls import reverse

from competition.entries.models import Entry
from tests.competition.entries.worlds import World, photo
from tests.factories import AssignmentFactory, InvitationFactory, ReleaseFactory
from tests.portal.test_doors import THEIRS
from tests.storages import HANDED_OUT

pytestmark = pytest.mark.django_db


def test_an_associations_manager_has_no_door_to_a_company_work_here(client, world):
    entry = world.entry("submitted")
    ReleaseFactory(entry=entry)
    AssignmentFactory(entry=entry)
    InvitationFactory(organisation=entry.organisation)
    client.force_login(world.manager)
    codes = {
        name: client.get(reverse(name, args=address(entry))).status_code
        for name, address in THEIRS.items()
    }
    assert (codes.pop("screening-entry"), codes.pop("release-file")) == (200, HANDED_OUT)
    assert set(codes.values()) <= {404, 405}


def test_a_frame_of_another_work_cannot_be_acted_on(client, world):
    mine, foreign = world.draft(), World().draft()
    frame = foreign.frames.get()
    client.force_login(world.entrant)
    data = {"title": "x", "author_names": "x", "do": f"remove-{frame.pk}"}
    assert client.post(reverse("entry-edit", args=[mine.pk]), data).status_code == 404
    upload = {"file": photo(), "replace": frame.pk}
    assert client.post(reverse("entry-frames", args=[mine.pk]), upload).status_code == 404
    assert Entry.objects.get(pk=foreign.pk).frames.get() == frame
