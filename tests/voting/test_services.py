"""What a vote may be, how a poll ends, and what becomes of void ballots."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from competition.judging.models import StandingList
from competition.judging.queries import latest_standings
from tests.factories import (
    BallotFactory,
    EntryFactory,
    MembershipFactory,
    PhaseFactory,
    SectionFactory,
    UserFactory,
    VoterFactory,
    close_phase,
)
from voting.models import Ballot
from voting.queries import tally
from voting.services import (
    REFUSALS,
    PollRefused,
    VoteRefused,
    cast_ballot,
    close_poll,
    void_ballots,
)

pytestmark = pytest.mark.django_db


def vote(*, voter, **more):
    """Cast a vote of the voter with that key; return its row."""
    cast = cast_ballot(voter=VoterFactory(key=voter), **more)
    return Ballot.objects.get(pk=cast.ballot_id)


def refusal(**asked):
    """Return the code with which the vote is refused."""
    before = Ballot.objects.count()
    with pytest.raises(VoteRefused) as caught:
        vote(**asked)
    assert Ballot.objects.count() == before
    return caught.value.code


def in_days(days):
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def long_poll(poll):
    """The poll, open for ten days."""
    poll.edition.phases.all().delete()
    PhaseFactory(edition=poll.edition, kind="voting", opens_at=in_days(-5), closes_at=in_days(5))
    return poll


# --- casting ----------------------------------------------------------------------------------


def test_a_vote_is_a_ballot(poll, entry):
    ballot = vote(poll=poll, entry=entry, voter="v")
    assert (ballot.poll, ballot.entry, ballot.voter) == (poll, entry, "v")
    assert (ballot.day, ballot.slot, ballot.void_reason) == (timezone.localdate(), 1, "")


def test_a_day_begins_at_midnight_of_the_site_s_time_zone(poll, entry):
    beijing = ZoneInfo("Asia/Shanghai")
    poll.edition.phases.all().delete()
    PhaseFactory(
        edition=poll.edition,
        kind="voting",
        opens_at=datetime(2026, 5, 1, tzinfo=beijing),
        closes_at=datetime(2026, 6, 1, tzinfo=beijing),
    )
    midnight = datetime(2026, 5, 2, tzinfo=beijing)
    before = vote(poll=poll, entry=entry, voter="v", at=midnight - timedelta(seconds=1))
    after = vote(poll=poll, entry=entry, voter="v", at=midnight)
    assert (before.day, after.day) == (date(2026, 5, 1), date(2026, 5, 2))
    assert (before.slot, after.slot) == (1, 1)


def test_once_a_work_and_day_and_again_tomorrow(long_poll, entry):
    vote(poll=long_poll, entry=entry, voter="v")
    assert refusal(poll=long_poll, entry=entry, voter="v") == "already_today"
    vote(poll=long_poll, entry=entry, voter="v", at=in_days(1))
    vote(poll=long_poll, entry=entry, voter="another")
    assert tally(long_poll) == {entry.pk: 3}


def test_the_day_s_limit_and_anew_tomorrow(long_poll, make_entry):
    works = [make_entry() for _ in range(4)]
    slots = [vote(poll=long_poll, entry=work, voter="v").slot for work in works[:3]]
    assert slots == [1, 2, 3]
    assert refusal(poll=long_poll, entry=works[3], voter="v") == "limit"
    assert vote(poll=long_poll, entry=works[3], voter="v", at=in_days(1)).slot == 1


def test_the_clock_opens_and_closes_the_poll_to_the_second(poll, entry):
    phase = poll.edition.phases.get()
    second = timedelta(seconds=1)
    assert refusal(poll=poll, entry=entry, voter="v", at=phase.opens_at - second) == "closed"
    assert refusal(poll=poll, entry=entry, voter="v", at=phase.closes_at) == "closed"
    assert vote(poll=poll, entry=entry, voter="v", at=phase.opens_at)
    assert vote(poll=poll, entry=entry, voter="w", at=phase.closes_at - second)


def test_an_edition_without_a_voting_phase_takes_no_votes(poll, entry):
    poll.edition.phases.all().delete()
    assert refusal(poll=poll, entry=entry, voter="v") == "closed"


def test_a_poll_that_somebody_closed_takes_no_votes_even_from_a_page_that_does_not_know(
    poll, entry
):
    stale = type(poll).objects.get()
    close_poll(poll=poll, actor=UserFactory())
    assert stale.closed_at is None
    assert refusal(poll=poll, entry=entry, voter="v") == "closed"
    assert refusal(poll=stale, entry=entry, voter="v") == "closed"


@pytest.mark.parametrize(
    "state", ["submitted", "forwarded", "rejected", "withdrawn", "disqualified"]
)
def test_only_admitted_works_can_be_voted_for(poll, make_entry, state):
    assert refusal(poll=poll, entry=make_entry(state=state), voter="v") == "not_in_poll"


def test_works_of_other_sections_and_editions_cannot_be_voted_for(poll):
    other_section = EntryFactory(
        section=SectionFactory(edition=poll.edition, kind="micro_video"), state="admitted"
    )
    other_edition = EntryFactory(state="admitted")
    for entry in (other_section, other_edition):
        assert refusal(poll=poll, entry=entry, voter="v") == "not_in_poll"


def test_an_account_cannot_vote_for_its_own_organisation(poll, make_entry):
    member = MembershipFactory(role="contributor")
    own, other = make_entry(organisation=member.organisation), make_entry()
    assert refusal(poll=poll, entry=own, voter="v", user=member.user) == "own_work"
    assert vote(poll=poll, entry=other, voter="v", user=member.user).slot == 1
    assert vote(poll=poll, entry=own, voter="w", user=AnonymousUser()).slot == 1


def test_each_refusal_says_what_happened_in_the_visitor_s_language():
    with translation.override("en"):
        for code in REFUSALS:
            assert len(VoteRefused(code).message) > 40


def test_the_database_itself_refuses_a_second_ballot_and_a_second_use_of_a_slot(poll, make_entry):
    first = BallotFactory(poll=poll, entry=make_entry(), voter="v", slot=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BallotFactory(poll=poll, entry=first.entry, voter="v", slot=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        BallotFactory(poll=poll, entry=make_entry(), voter="v", slot=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BallotFactory(poll=poll, entry=make_entry(), voter="v", slot=0)


# --- void ballots -----------------------------------------------------------------------------


def test_a_void_ballot_stays_but_does_not_count(poll, entry):
    ballots = [vote(poll=poll, entry=entry, voter=f"v{n}") for n in range(3)]
    actor = UserFactory()
    assert void_ballots(ballots=ballots[:2], reason=" 机器刷票 ", actor=actor) == 2
    assert tally(poll) == {entry.pk: 1}
    reasons = Ballot.objects.order_by("pk").values_list("void_reason", flat=True)
    assert list(reasons) == ["机器刷票", "机器刷票", ""]
    logged = ModelLogEntry.objects.get(action="voting.ballot.void")
    assert (logged.user, logged.data["why"]) == (actor, "机器刷票")
    assert logged.data["ballots"] == [ballot.pk for ballot in ballots[:2]]


def test_a_void_ballot_stays_used(poll, entry):
    void_ballots(ballots=[vote(poll=poll, entry=entry, voter="v")], reason="x", actor=None)
    assert refusal(poll=poll, entry=entry, voter="v") == "already_today"


def test_a_ballot_keeps_its_first_reason(poll, entry):
    ballots = [vote(poll=poll, entry=entry, voter="v")]
    void_ballots(ballots=ballots, reason="first", actor=None)
    assert void_ballots(ballots=ballots, reason="second", actor=None) == 0
    assert Ballot.objects.get().void_reason == "first"
    assert ModelLogEntry.objects.filter(action="voting.ballot.void").count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_voiding_asks_for_a_reason_that_fits(poll, entry, reason):
    ballot = vote(poll=poll, entry=entry, voter="v")
    with pytest.raises(PollRefused) as caught:
        void_ballots(ballots=[ballot], reason=reason, actor=None)
    assert len(caught.value.messages) == 1
    assert tally(poll) == {entry.pk: 1}


def test_voiding_after_the_close_freezes_a_next_version_and_leaves_the_first(poll, entry):
    ballots = [vote(poll=poll, entry=entry, voter=f"v{n}") for n in range(2)]
    first = close_poll(poll=poll, actor=UserFactory())
    void_ballots(ballots=ballots[:1], reason="x", actor=None)
    second = latest_standings(poll.edition, "public")
    assert (first.version, second.version) == (1, 2)
    assert first.standings.get().value == Decimal(2)
    assert second.standings.get().value == Decimal(1)


# --- closing ----------------------------------------------------------------------------------


def test_closing_freezes_the_count_with_works_that_got_nothing(poll, make_entry):
    loved, liked, unseen = make_entry(), make_entry(), make_entry()
    make_entry(state="disqualified")
    for voter in ("a", "b"):
        vote(poll=poll, entry=loved, voter=voter)
    void = vote(poll=poll, entry=liked, voter="bot")
    vote(poll=poll, entry=liked, voter="a")
    void_ballots(ballots=[void], reason="x", actor=None)
    close_phase(poll.edition, "voting")

    standings = close_poll(poll=poll, actor=None)

    assert (standings.source, standings.version, standings.round) == ("public", 1, None)
    assert list(standings.standings.values_list("entry", "rank", "value", "readings")) == [
        (loved.pk, 1, Decimal(2), 2),
        (liked.pk, 2, Decimal(1), 1),
        (unseen.pk, 3, Decimal(0), 0),
    ]
    poll.refresh_from_db()
    assert poll.closed_at is not None


def test_an_organiser_may_close_early_and_the_log_says_so(poll, entry):
    actor = UserFactory()
    close_poll(poll=poll, actor=actor)
    logged = ModelLogEntry.objects.get(action="voting.poll.close")
    assert (logged.user, logged.data) == (actor, {"standings": 1, "early": True})


def test_without_an_organiser_the_voting_phase_must_be_over(poll, entry):
    with pytest.raises(PollRefused):
        close_poll(poll=poll, actor=None)
    assert vote(poll=poll, entry=entry, voter="v")


def test_a_poll_closes_once(poll, entry):
    close_poll(poll=poll, actor=UserFactory())
    with pytest.raises(PollRefused) as caught:
        close_poll(poll=poll, actor=UserFactory())
    assert len(caught.value.messages) == 1
    assert StandingList.objects.count() == 1


def test_a_poll_that_has_not_begun_cannot_be_closed(poll, entry):
    phase = poll.edition.phases.get()
    phase.opens_at = in_days(1)
    phase.closes_at = in_days(2)
    phase.save()
    with pytest.raises(PollRefused):
        close_poll(poll=poll, actor=UserFactory())
    poll.refresh_from_db()
    assert poll.closed_at is None
