"""What was done is in Wagtail's audit log, and only what is registered gets there."""

import importlib

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.log_actions import log, registry
from wagtail.models import ModelLogEntry

from tests.factories import EntryFactory

pytestmark = pytest.mark.django_db

ROOMS = [
    *(
        f"competition.{room}"
        for room in ("organisations", "editions", "entries", "judging", "awards", "reports")
    ),
    "voting",
    "portal.results",
    "media_processing",
]


@pytest.mark.parametrize("room", ROOMS)
def test_each_rooms_actions_are_registered(room):
    actions = importlib.import_module(f"{room}.log_actions").LOG_ACTIONS
    assert actions
    assert all(registry.action_exists(action) for action in actions)


def test_a_deed_keeps_who_and_why_and_is_in_the_site_history(organiser, page_root):
    entry = EntryFactory(state="submitted")
    log(
        instance=entry,
        action="competition.entry.reject",
        user=organiser.user,
        data={"why": "与主题不符"},
    )
    line = ModelLogEntry.objects.get()
    assert (line.content_type.model, line.object_id) == ("entry", str(entry.pk))
    assert line.comment == "与主题不符"
    page = organiser.get(reverse("wagtailadmin_reports:site_history")).content.decode()
    assert str(entry) in page


def test_an_unregistered_deed_is_a_mistake_that_stops_the_change(organiser):
    with pytest.raises(ValidationError):
        log(instance=EntryFactory(), action="competition.entry.explode", user=organiser.user)
