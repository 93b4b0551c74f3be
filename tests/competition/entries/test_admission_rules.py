"""Who may admit."""

import pytest

from competition.entries.services import (
    EntryRefused,
    admit_entry,
    disqualify_entry,
    reinstate_entry,
    reject_entry,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["entrant", "stranger", "manager"])
def test_only_the_organiser_decides_who_takes_part(world, who):
    user = getattr(world, who)
    for verb, state in [
        (admit_entry, "forwarded"),
        (reject_entry, "forwarded"),
        (disqualify_entry, "admitted"),
        (reinstate_entry, "disqualified"),
    ]:
        entry = world.entry(state)
        with pytest.raises(EntryRefused):
            verb(entry=entry, user=user, reason="r")
        entry.refresh_from_db()
        assert entry.state == state


def test_the_organiser_admits_rejects_disqualifies_and_reinstates(world):
    entry = world.entry("forwarded")
    reject_entry(entry=entry, user=world.organiser, reason="r")
    with pytest.raises(EntryRefused):  # a second thought needs a reason
        admit_entry(entry=entry, user=world.organiser)
    admit_entry(entry=entry, user=world.organiser, reason="复核")
    disqualify_entry(entry=entry, user=world.organiser, reason="抄袭")
    reinstate_entry(entry=entry, user=world.organiser, reason="申诉成立")
    assert entry.state == "admitted"
