"""The table of moves, and the one door: every pair of states for every role."""

from itertools import product

import pytest
from wagtail.log_actions import registry

from competition.entries.services import set_entry_state
from competition.entries.signals import entry_state_changed
from competition.entries.states import MOVES, MoveRefused, Role, State, find_move, verbs
from tests.factories import EntryFactory, UserFactory

# Read from DESIGN's words, not from the table: who may bring a work from where to where.
ALLOWED = {
    ("draft", "submitted", "entrant"),
    ("returned", "submitted", "entrant"),
    ("submitted", "withdrawn", "entrant"),
    ("returned", "withdrawn", "entrant"),
    ("forwarded", "withdrawn", "entrant"),
    ("submitted", "returned", "screener"),
    ("submitted", "returned", "organiser"),
    ("submitted", "forwarded", "screener"),
    ("not_forwarded", "forwarded", "screener"),
    ("submitted", "not_forwarded", "screener"),
    ("submitted", "admitted", "organiser"),
    ("forwarded", "admitted", "organiser"),
    ("rejected", "admitted", "organiser"),
    ("submitted", "rejected", "organiser"),
    ("forwarded", "rejected", "organiser"),
    ("admitted", "disqualified", "organiser"),
    ("disqualified", "admitted", "organiser"),
}


@pytest.mark.parametrize("role", list(Role))
def test_only_the_moves_that_were_agreed_exist(role):
    found = set()
    for source, target in product(State, State):
        try:
            find_move(source, target, role)
        except MoveRefused:
            continue
        found.add((source.value, target.value, role.value))
    assert found == {move for move in ALLOWED if move[2] == role}


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_the_door_opens_for_the_agreed_moves_and_for_no_other(role):
    actor = UserFactory()
    entries = {
        state: EntryFactory(state=state, frames=False, number=f"P-{n}", declared=True)
        for n, state in enumerate(State)
    }
    for source, target in product(State, State):
        entry = entries[source]
        type(entry).objects.filter(pk=entry.pk).update(state=source)
        allowed = (source.value, target.value, role.value) in ALLOWED
        try:
            set_entry_state(entry=entry, target=target, role=role, actor=actor, reason="why")
            assert allowed, (source, target)
        except MoveRefused:
            assert not allowed, (source, target)
        entry.refresh_from_db()
        assert entry.state == (target if allowed else source)


@pytest.mark.django_db
@pytest.mark.parametrize("move", [m for m in MOVES if m.needs_reason], ids=lambda m: m.verb)
def test_a_move_that_needs_a_reason_is_not_made_without(move):
    entry = EntryFactory(state=move.source)
    role = next(iter(move.roles))
    with pytest.raises(ValueError, match="reason"):
        set_entry_state(entry=entry, target=move.target, role=role, actor=None, reason="  ")
    entry.refresh_from_db()
    assert entry.state == move.source


@pytest.mark.django_db
def test_a_move_is_logged_and_told():
    entry, actor, heard = EntryFactory(state="submitted"), UserFactory(), []

    def listen(**news):
        heard.append((news["entry"].pk, news["move"].verb, news["actor"], news["reason"]))

    entry_state_changed.connect(listen)
    try:
        set_entry_state(entry=entry, target="returned", role="screener", actor=actor, reason="太暗")
    finally:
        entry_state_changed.disconnect(listen)
    assert heard == [(entry.pk, "return", actor, "太暗")]
    (line,) = registry.get_logs_for_instance(entry)
    assert (line.action, line.user, line.data) == (
        "competition.entry.return",
        actor,
        {"from": "submitted", "to": "returned", "why": "太暗"},
    )
    assert entry.advice == "太暗"


@pytest.mark.django_db
def test_a_move_from_a_stale_object_is_judged_by_the_row():
    entry = EntryFactory(state="submitted")
    type(entry).objects.filter(pk=entry.pk).update(state="withdrawn")
    with pytest.raises(MoveRefused):
        set_entry_state(entry=entry, target="forwarded", role="screener", actor=None)


def test_verbs_are_read_from_the_table_in_its_order():
    assert verbs("submitted", "screener") == ["return", "forward", "decline"]
    assert verbs("submitted", "entrant") == ["withdraw"]
    assert verbs("withdrawn", "organiser") == []
