"""What a manager decides on is what was on the screen."""

import pytest
from django.urls import reverse

from competition.entries.models import Entry
from competition.entries.services import submit_entry
from competition.screening.services import return_for_revision

pytestmark = pytest.mark.django_db


def revise(world, entry):
    return_for_revision(entry=entry, user=world.manager, reason="改")
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)


@pytest.mark.parametrize("verb", ["forward", "return", "decline"])
def test_nothing_is_decided_of_a_revision_that_was_not_on_the_screen(screener, world, verb):
    entry = world.submitted()
    url = reverse("screening-entry", args=[entry.pk])
    seen = screener.get(url).context["latest"].revision.pk
    revise(world, entry)
    data = {"do": verb, "reason": "理由", "seen": seen}
    page = screener.post(url, data)
    entry.refresh_from_db()
    assert (page.status_code, entry.state) == (200, "submitted")
    newest = page.context["latest"].revision
    assert newest.number == 2
    screener.post(url, data | {"seen": newest.pk})
    entry.refresh_from_db()
    assert entry.state != "submitted"


def test_of_several_only_those_that_were_revised_meanwhile_stay(screener, world):
    works = [world.submitted() for _ in range(2)]
    grid = screener.get(reverse("screening"))
    seen = {f"seen-{entry.pk}": entry.latest for entry in grid.context["works"]}
    revise(world, works[0])
    data = {"do": "forward", "work": [work.pk for work in works], **seen}
    preview = screener.post(reverse("screening-bulk"), data).content.decode()
    for name, value in seen.items():
        assert f'name="{name}" value="{value}"' in preview
    screener.post(reverse("screening-bulk"), data | {"confirm": "yes"})
    states = Entry.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["submitted", "forwarded"]
