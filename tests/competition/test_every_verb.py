"""Every verb on a work, from every state, by everybody: what passes is this table, and no more.

All phases are open here; what the clock forbids is tried in the rooms.
"""

from itertools import product

import pytest
from django.db import transaction
from wagtail.models import ModelLogEntry

from competition.entries import services
from competition.entries.appeals import make_appeal
from competition.entries.checks import EntryRefused
from competition.entries.models import Entry
from competition.entries.states import State
from competition.screening.models import Forwarding
from competition.screening.services import decline_entry, forward_entry, return_for_revision
from portal.accounts.groups import JUDGES, add_to_group
from tests.competition.entries.worlds import World
from tests.factories import AssociationFactory, CompanyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

WHY = {"reason": "理由"}
# verb -> how it is called. "screen:" is the association's, what has no prefix its owner's.
VERBS = {
    "submit": lambda **who: services.submit_entry(**who, accepts_rights=True),
    "withdraw": services.withdraw_entry,
    "delete": services.delete_draft,
    "edit": lambda **who: services.update_entry(**who, story="改过"),
    "appeal": lambda **who: make_appeal(**who, text="请复核"),
    "screen:forward": forward_entry,
    "screen:decline": lambda **who: decline_entry(**who, **WHY),
    "screen:return": lambda **who: return_for_revision(**who, **WHY),
    "organise:return": lambda **who: services.return_entry(**who, **WHY),
    "organise:admit": lambda **who: services.admit_entry(**who, **WHY),
    "organise:reject": lambda **who: services.reject_entry(**who, **WHY),
    "organise:disqualify": lambda **who: services.disqualify_entry(**who, **WHY),
    "organise:reinstate": lambda **who: services.reinstate_entry(**who, **WHY),
}
# Read aloud: who enters a work may ... from ...; afterwards it is ... ("-": it is gone).
ENTRANT = {
    ("submit", "draft"): "submitted",
    ("submit", "returned"): "submitted",
    ("edit", "draft"): "draft",
    ("edit", "returned"): "returned",
    ("delete", "draft"): "-",
    ("withdraw", "submitted"): "withdrawn",
    ("withdraw", "returned"): "withdrawn",
    ("withdraw", "forwarded"): "withdrawn",
    ("appeal", "rejected"): "rejected",
    ("appeal", "disqualified"): "disqualified",
}
SCREENER = {
    ("screen:forward", "submitted"): "forwarded",
    ("screen:forward", "not_forwarded"): "forwarded",
    ("screen:decline", "submitted"): "not_forwarded",
    ("screen:return", "submitted"): "returned",
}
ORGANISER = {
    ("organise:return", "submitted"): "returned",
    ("organise:admit", "submitted"): "admitted",
    ("organise:admit", "forwarded"): "admitted",
    ("organise:admit", "rejected"): "admitted",
    ("organise:reject", "submitted"): "rejected",
    ("organise:reject", "forwarded"): "rejected",
    ("organise:disqualify", "admitted"): "disqualified",
    ("organise:reinstate", "disqualified"): "admitted",
}
MAY = {
    "contributor of the company": ENTRANT,
    "manager of the company": ENTRANT,
    "manager of its association": SCREENER,
    "contributor of its association": {},
    "manager of another company": {},
    "manager of another company of the association": {},
    "manager of another association": {},
    "judge": {},
    "nobody in particular": {},
    "organiser": ORGANISER,
}


@pytest.fixture
def people():
    world = World()

    def member(organisation, role="manager", **user):
        return MembershipFactory(
            organisation=organisation, role=role, user=UserFactory(**user)
        ).user

    found = {
        "contributor of the company": member(world.company, "contributor"),
        "manager of the company": member(world.company),
        "manager of its association": world.manager,
        "contributor of its association": member(world.association, "contributor"),
        "manager of another company": member(CompanyFactory()),
        "manager of another company of the association": member(
            CompanyFactory(association=world.association)
        ),
        "manager of another association": member(AssociationFactory()),
        "judge": UserFactory(),
        "nobody in particular": UserFactory(),
        "organiser": world.organiser,
    }
    add_to_group(found["judge"], JUDGES)
    return world, found


def outcome(entry, user, verb):
    """Do it, tell the state it leads to ("-": gone, None: refused), and undo it."""
    savepoint = transaction.savepoint()
    try:
        VERBS[verb](entry=Entry.objects.get(pk=entry.pk), user=user)
        rows = Entry.objects.filter(pk=entry.pk).values_list("state", flat=True)
        return rows[0] if rows else "-"
    except EntryRefused:
        return None
    finally:
        transaction.savepoint_rollback(savepoint)


def facts(entry):
    """Return what a refused verb must leave as it was."""
    entry.refresh_from_db()
    return (
        [getattr(entry, field.attname) for field in Entry._meta.concrete_fields],
        entry.revisions.count(),
        entry.frames.count(),
        Forwarding.objects.count(),
        ModelLogEntry.objects.count(),
    )


@pytest.mark.parametrize("person", MAY)
def test_what_somebody_may_do_with_a_work_is_the_table_and_no_more(people, person):
    world, users = people
    works = {state.value: world.entry(state.value) for state in State}
    found = {
        (verb, state): reached
        for verb, (state, entry) in product(VERBS, works.items())
        if (reached := outcome(entry, users[person], verb)) is not None
    }
    assert found == MAY[person]


def test_what_is_refused_leaves_no_trace(people):
    world, users = people
    works = [world.entry(state.value) for state in State]
    before = [facts(entry) for entry in works]
    for verb, entry in product(VERBS, works):
        with pytest.raises(EntryRefused):
            VERBS[verb](entry=entry, user=users["manager of another association"])
    assert [facts(entry) for entry in works] == before
