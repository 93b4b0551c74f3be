"""The organiser sets a poll's limits, follows the count and closes it."""

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from competition.judging.queries import latest_standings
from tests.admin.conftest import count_queries
from tests.factories import (
    BallotFactory,
    EntryFactory,
    PollFactory,
    SectionFactory,
    close_phase,
    open_phase,
)
from voting.models import Ledger, Poll
from voting.sealing import seal
from voting.services import close_poll

pytestmark = pytest.mark.django_db


@pytest.fixture
def section():
    return SectionFactory()


def poll_form(section, **changes):
    form = {
        "edition": section.edition_id,
        "sections": [section.pk],
        "identity": "device",
        "votes_per_day": 5,
    }
    return form | changes


def test_a_poll_is_made_with_its_limits(organiser, section):
    organiser.post(reverse("polls:add"), poll_form(section))
    poll = Poll.objects.get()
    assert (poll.votes_per_day, poll.shows_totals) == (5, False)
    assert list(poll.sections.all()) == [section]


def test_a_poll_takes_sections_of_its_own_edition_only(organiser, section):
    response = organiser.post(
        reverse("polls:add"), poll_form(section, sections=[SectionFactory().pk])
    )
    assert "sections" in response.context["form"].errors
    assert not Poll.objects.exists()


def test_the_organiser_sees_the_count_though_the_public_does_not(organiser, section):
    poll = PollFactory(edition=section.edition)
    poll.sections.add(section)
    first, second = EntryFactory.create_batch(2, section=section, state="admitted")
    BallotFactory.create_batch(2, poll=poll, entry=second)
    BallotFactory(poll=poll, entry=first, status=2, code="organiser", void_reason="刷票")
    page = organiser.get(reverse("polls:inspect", args=[poll.pk])).context
    assert [(line["work"], line["votes"]) for line in page["lines"]] == [(second, 2), (first, 0)]
    assert (page["counted"], page["void"], page["voters"]) == (2, 1, 2)


def test_closing_the_poll_asks_first_and_freezes_the_standings(organiser, section):
    poll = PollFactory(edition=section.edition)
    poll.sections.add(section)
    BallotFactory(poll=poll, entry=EntryFactory(section=section, state="admitted"))
    open_phase(section.edition, "voting")
    url = reverse("voting_close_poll", args=[poll.pk])
    assert organiser.get(url).status_code == 200
    assert latest_standings(section.edition, "public") is None
    organiser.post(url)
    assert latest_standings(section.edition, "public").version == 1
    response = organiser.post(url)
    assert response.context["form"].non_field_errors()


def test_once_votes_are_sealed_the_rules_they_were_cast_under_stay(organiser, section):
    poll = PollFactory(edition=section.edition, votes_per_day=5)
    poll.sections.add(section)
    url = reverse("polls:edit", args=[poll.pk])
    organiser.post(url, poll_form(section, votes_per_day=6))
    BallotFactory(poll=poll, entry=EntryFactory(section=section, state="admitted"))
    seal(poll)
    form = poll_form(section, votes_per_day=7, identity="email", shows_totals="on")
    organiser.post(url, form)
    poll.refresh_from_db()
    assert (poll.votes_per_day, poll.identity, poll.shows_totals) == (6, "device", True)
    fields = organiser.get(url).context["form"].fields
    assert all(fields[name].help_text for name in ("sections", "identity", "votes_per_day"))


def test_the_ledger_is_published_once_the_poll_is_closed(organiser, section, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    poll = PollFactory(edition=section.edition)
    poll.sections.add(section)
    BallotFactory(poll=poll, entry=EntryFactory(section=section, state="admitted"))
    close_phase(section.edition, "voting")
    url = reverse("voting_publish_ledger", args=[poll.pk])
    assert organiser.post(url).context["form"].non_field_errors()
    poll.ballots.update(cast_at=section.edition.phases.get().opens_at, day="2026-01-01")
    close_poll(poll=poll, actor=None)
    assert organiser.get(url).status_code == 200
    assert not poll.ledgers.exists()
    organiser.post(url)
    ledger = poll.ledgers.get()
    entry = ModelLogEntry.objects.get(action="voting.ledger.publish")
    assert entry.data == {"version": 1, "root": ledger.root, "digest": ledger.digest}
    assert entry.user is not None


def test_a_polls_page_costs_the_same_however_much_is_sealed(organiser, section):
    poll = PollFactory(edition=section.edition)
    entry = EntryFactory(section=section, state="admitted")
    url = reverse("polls:inspect", args=[poll.pk])

    def seal_and_publish(version):
        BallotFactory(poll=poll, entry=entry)
        seal(poll)
        Ledger.objects.create(poll=poll, version=version, lines=1, root="0", digest="0", file="x")

    seal_and_publish(1)
    one = count_queries(organiser, url)
    seal_and_publish(2)
    seal_and_publish(3)
    assert count_queries(organiser, url) == one
    page = organiser.get(url).context
    assert len(page["ledgers"]) == len(page["batches"]) == 3


@pytest.mark.parametrize(
    ("identity", "setting"), [("phone", "SMS_GATEWAY"), ("account", "WEIXIN_CLIENT_ID")]
)
def test_an_identity_that_is_not_set_up_is_refused(organiser, section, settings, identity, setting):
    settings.SMS_GATEWAY = ""
    response = organiser.post(reverse("polls:add"), poll_form(section, identity=identity))
    (error,) = response.context["form"].errors["identity"]
    assert setting in error
    assert not Poll.objects.exists()


@pytest.mark.parametrize("identity", ["device", "email", "phone"])
def test_an_identity_that_is_set_up_is_taken(organiser, section, identity):
    organiser.post(reverse("polls:add"), poll_form(section, identity=identity))
    assert Poll.objects.get().identity == identity


def test_the_identity_stays_once_there_are_ballots(organiser, section):
    poll = PollFactory(edition=section.edition)
    poll.sections.add(section)
    url = reverse("polls:edit", args=[poll.pk])
    organiser.post(url, poll_form(section, identity="email"))
    poll.refresh_from_db()
    assert poll.identity == "email"
    BallotFactory(poll=poll, entry=EntryFactory(section=section, state="admitted"))
    response = organiser.post(url, poll_form(section, identity="device"))
    assert "identity" in response.context["form"].errors
    organiser.post(url, poll_form(section, identity="email", votes_per_day=7))
    poll.refresh_from_db()
    assert (poll.identity, poll.votes_per_day) == ("email", 7)
