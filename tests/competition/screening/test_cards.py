"""What a panel gives a revision, by whom, until when, and what the cards make together."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
import time_machine
from wagtail.log_actions import registry

from competition.entries.services import EntryRefused, submit_entry, update_entry
from competition.organisations.queries import screens_for
from competition.screening.models import ScreeningCard
from competition.screening.queries import (
    criteria_of,
    panel_mean,
    scores_on,
    weights_of,
    with_means,
)
from competition.screening.services import (
    decline_entry,
    forward_entry,
    return_for_revision,
    save_card,
    set_criteria,
)
from competition.screening.versions import versions_of
from tests.competition.entries.worlds import World
from tests.factories import CriterionFactory, MembershipFactory, PhaseFactory

pytestmark = pytest.mark.django_db
CLOSES = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def world():
    world = World()
    for code, weight in [("theme", 2), ("artistry", 1)]:
        CriterionFactory(edition=world.edition, code=code, title=code, weight=weight)
    return world


@pytest.fixture
def member(world):
    return MembershipFactory(organisation=world.association, role="contributor").user


def give(entry, who, actor=None, **scores):
    revision = entry.revisions.order_by("-number").first()
    return save_card(revision=revision, screener=who, actor=actor or who, scores=scores)


def revise(world, entry, **fields):
    return_for_revision(entry=entry, user=world.manager, reason="改")
    update_entry(entry=entry, user=world.entrant, **fields)
    submit_entry(entry=entry, user=world.entrant, accepts_rights=True)


def test_scores_are_saved_as_they_come_and_each_change_is_logged(world, member):
    entry = world.submitted()
    give(entry, member, theme=7)
    give(entry, member, theme=7)  # nothing new, no line
    card = give(entry, member, theme=8, artistry=5)
    assert scores_on(card) == {"theme": 8, "artistry": 5}
    card = give(entry, member, artistry=5)  # one taken back
    assert scores_on(ScreeningCard.objects.get()) == {"artistry": 5}
    lines = registry.get_logs_for_instance(entry).filter(action="competition.screening.score")
    assert [
        (line.data["before"] and line.data["before"]["scores"], line.data["after"]["scores"])
        for line in lines.order_by("pk")
    ] == [
        (None, {"theme": 7}),
        ({"theme": 7}, {"theme": 8, "artistry": 5}),
        ({"theme": 8, "artistry": 5}, {"artistry": 5}),
    ]


@pytest.mark.parametrize("who", ["entrant", "stranger", "organiser"])
def test_who_is_no_member_of_the_association_scores_nothing(world, who):
    with pytest.raises(EntryRefused):
        give(world.submitted(), getattr(world, who), theme=5)
    assert not ScreeningCard.objects.exists()


def test_a_manager_puts_down_a_members_scores_and_a_member_nobody_elses(world, member):
    entry = world.submitted()
    give(entry, member, actor=world.manager, theme=6)
    assert ScreeningCard.objects.get().screener == member
    with pytest.raises(EntryRefused):
        give(entry, world.manager, actor=member, theme=6)
    assert not screens_for(member, world.company)


@pytest.mark.parametrize("scores", [{"theme": 0}, {"theme": 11}, {"theme": "7"}, {"gone": 5}])
def test_what_is_off_the_scale_is_refused(world, scores):
    with pytest.raises(EntryRefused):
        give(world.submitted(), world.manager, **scores)
    assert not ScreeningCard.objects.exists()


def test_an_earlier_card_stays_with_the_revision_it_was_given_to(world, member):
    entry = world.submitted(title="旧")
    first = entry.revisions.get()
    give(entry, member, theme=3, artistry=3)
    revise(world, entry, title="新")
    give(entry, member, theme=9, artistry=9)
    with pytest.raises(EntryRefused):  # its page was open all the time
        save_card(revision=first, screener=member, actor=member, scores={"theme": 1})
    latest, earlier = versions_of(entry, {"theme": 2, "artistry": 1})
    assert (latest.mean, earlier.mean) == (9, 3)
    ((_label, marks),) = earlier.marks
    assert [(mark.change.value, mark.text) for mark in marks] == [
        ("removed", "旧"),
        ("added", "新"),
    ]


@pytest.mark.parametrize(
    ("state", "is_scored"),
    [("submitted", True), ("forwarded", True), ("not_forwarded", True), ("returned", False),
     ("withdrawn", False), ("admitted", False), ("rejected", False), ("disqualified", False)],
)  # fmt: skip
def test_a_panel_scores_what_is_in_the_associations_hands(world, state, is_scored):
    entry = world.submitted()
    type(entry).objects.filter(pk=entry.pk).update(state=state)
    try:
        give(entry, world.manager, theme=5)
    except EntryRefused:
        assert not is_scored
    assert ScreeningCard.objects.exists() is is_scored


def test_the_databases_mean_is_the_pure_rules(world, member):
    third = MembershipFactory(organisation=world.association).user
    entry, untouched = world.submitted(), world.submitted()
    give(entry, world.manager, theme=1, artistry=1)
    revise(world, entry, title="新")
    give(entry, world.manager, theme=8, artistry=5)
    give(entry, member, theme=9, artistry=10)
    give(entry, third, theme=10)  # incomplete: a missing score is never zero
    weights = weights_of(criteria_of(world.association, world.edition))
    cards = ScreeningCard.objects.filter(revision__number=2)
    assert panel_mean(cards, weights) == Fraction(49, 6)
    rows = {row.pk: row for row in with_means(type(entry).objects.all(), weights)}
    assert (rows[entry.pk].cards, rows[entry.pk].mean) == (3, pytest.approx(49 / 6))
    assert (rows[untouched.pk].cards, rows[untouched.pk].mean) == (None, None)


def test_own_criteria_are_used_instead_of_the_editions(world):
    (own,) = set_criteria(
        association=world.association,
        edition=world.edition,
        actor=world.manager,
        criteria=[{"title": "安全", "weight": 3}],
    )
    assert criteria_of(world.association, world.edition) == [own]
    entry = world.submitted()
    save_card(
        revision=entry.revisions.get(),
        screener=world.manager,
        actor=world.manager,
        scores={own.code: 7},
    )
    with pytest.raises(EntryRefused):
        give(entry, world.manager, theme=7)
    kept = [{"pk": own.pk, "title": "安全", "weight": 1}]
    (same,) = set_criteria(
        association=world.association, edition=world.edition, actor=world.manager, criteria=kept
    )
    assert (same.pk, same.weight) == (own.pk, 1)


def test_only_the_manager_sets_criteria(world, member):
    with pytest.raises(EntryRefused):
        set_criteria(
            association=world.association, edition=world.edition, actor=member, criteria=[]
        )


# --- to the second ------------------------------------------------------------------------


def is_done(action):
    try:
        action()
    except EntryRefused:
        return False
    return True


@pytest.mark.parametrize(
    ("at", "is_open"), [(CLOSES - SECOND, True), (CLOSES, False), (CLOSES + SECOND, False)]
)
def test_every_verb_ends_with_the_screening_to_the_second(world, at, is_open):
    world.edition.phases.all().delete()
    opens = CLOSES - timedelta(days=9)
    PhaseFactory(edition=world.edition, kind="call", opens_at=opens, closes_at=CLOSES)
    PhaseFactory(edition=world.edition, kind="screening", opens_at=opens, closes_at=CLOSES)
    with time_machine.travel(opens, tick=False):
        entries = [world.submitted() for _ in range(4)]
    user = world.manager
    with time_machine.travel(at, tick=False):
        for verb in (
            lambda e: give(e, user, theme=5),
            lambda e: forward_entry(entry=e, user=user),
            lambda e: decline_entry(entry=e, user=user, reason="r"),
            lambda e: return_for_revision(entry=e, user=user, reason="r"),
        ):
            assert is_done(lambda v=verb: v(entries.pop())) is is_open


@pytest.mark.parametrize(("past", "is_open"), [(-SECOND, True), (SECOND * 0, False)])
@pytest.mark.parametrize("due", [CLOSES - timedelta(days=2), CLOSES + timedelta(days=2)])
def test_a_returned_work_is_revised_until_its_deadline_or_the_close(world, due, past, is_open):
    world.edition.phases.all().delete()
    opens = CLOSES - timedelta(days=9)
    for kind in ("call", "screening"):
        PhaseFactory(edition=world.edition, kind=kind, opens_at=opens, closes_at=CLOSES)
    with time_machine.travel(opens, tick=False):
        entry = world.submitted()
        return_for_revision(entry=entry, user=world.manager, reason="r", revise_by=due)
    with time_machine.travel(min(due, CLOSES) + past, tick=False):
        assert is_done(lambda: update_entry(entry=entry, user=world.entrant, title="x")) is is_open
        submit = lambda: submit_entry(entry=entry, user=world.entrant, accepts_rights=True)  # noqa: E731
        assert is_done(submit) is is_open


def test_a_deadline_in_the_past_is_refused(world):
    entry = world.submitted()
    past = datetime.now(UTC) - SECOND
    with pytest.raises(EntryRefused):
        return_for_revision(entry=entry, user=world.manager, reason="r", revise_by=past)
    entry.refresh_from_db()
    assert (entry.state, entry.revise_by) == ("submitted", None)
