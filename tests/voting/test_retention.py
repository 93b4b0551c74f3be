"""What is kept of voters is erased when it is time, not before, and all of it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Length
from django.utils import timezone, translation
from wagtail.models import ModelLogEntry

from media_processing.signals import worker_swept
from tests.factories import (
    BallotFactory,
    ClusterFactory,
    EvidenceFactory,
    LedgerFactory,
    UserFactory,
    close_phase,
    open_phase,
)
from voting import retention
from voting.models import Ballot, Cluster, Evidence, Poll, ProofCode
from voting.publishing import publish_ledger
from voting.retention import Forgotten, check_may_forget, forget_voters, polls_to_forget
from voting.sealed import pseudonym_of
from voting.services import PollRefused, close_poll, void_ballots

pytestmark = pytest.mark.django_db
KEYS = ["a" * 64, "b" * 64]


@pytest.fixture
def over(poll, make_entry):
    """A poll that is closed, published and past its notice period: two voters, three ballots."""
    works = [make_entry(), make_entry()]
    for voter, work, slot in [
        (KEYS[0], works[0], 1),
        (KEYS[0], works[1], 2),
        (KEYS[1], works[0], 1),
    ]:
        EvidenceFactory(ballot=BallotFactory(poll=poll, entry=work, voter=voter, slot=slot))
    close_poll(poll=poll, actor=UserFactory())
    close_phase(poll.edition, "notice")
    LedgerFactory(poll=poll)
    return Poll.objects.get(pk=poll.pk)


def why_not(poll):
    with pytest.raises(PollRefused) as caught, translation.override("en"):
        check_may_forget(Poll.objects.get(pk=poll.pk))
    before = Evidence.objects.count()
    with pytest.raises(PollRefused):
        forget_voters(poll=Poll.objects.get(pk=poll.pk))
    assert Evidence.objects.count() == before
    return caught.value.messages[0]


def test_evidence_codes_and_the_key_go_and_the_ballots_stay_under_pseudonyms(over):
    old = timezone.now() - timedelta(days=3)
    ProofCode.objects.create(channel="email", target="t", code="c", sent_at=old)
    ProofCode.objects.create(channel="email", target="t", code="c")  # of a vote that is open
    names = [pseudonym_of(over, voter) for voter in KEYS]
    actor = UserFactory()
    assert forget_voters(poll=over, actor=actor) == Forgotten(evidence=3, codes=1, voters=2)
    assert not Evidence.objects.exists()
    assert ProofCode.objects.count() == 1
    assert list(Ballot.objects.order_by("pk").values_list("voter", flat=True)) == [
        names[0],
        names[0],
        names[1],
    ]
    assert Poll.objects.get().pseudonym_key == ""
    line = ModelLogEntry.objects.get(action="voting.poll.forget")
    assert (line.user, line.data) == (actor, {"evidence": 3, "codes": 1})


def test_the_same_voter_is_still_known_in_another_poll(over):
    other = BallotFactory(voter=KEYS[0])
    forget_voters(poll=over)
    assert Ballot.objects.get(voter=KEYS[0]) == other


def test_two_thousand_voters_are_forgotten_in_few_queries(over, django_assert_max_num_queries):
    work = Ballot.objects.first().entry
    Ballot.objects.bulk_create(
        BallotFactory.build(poll=over, entry=work, voter=f"{n:064x}") for n in range(2_000)
    )
    with django_assert_max_num_queries(40):
        assert forget_voters(poll=over).voters == 2_002
    assert set(Ballot.objects.values_list(Length("voter"), flat=True)) == {32}


def test_a_cluster_keeps_its_figures_and_loses_what_its_ballots_share(over):
    cluster = ClusterFactory(poll=over, details={"expected": 1.5}, decision="void")
    forget_voters(poll=over)
    kept = Cluster.objects.get()
    assert (kept.key, kept.details) == (f"forgotten-{cluster.pk}", {"expected": 1.5})


def test_nothing_is_left_that_links_a_ballot_to_a_voter(over):
    """The control: before, the voter's key is in the ballots; after, in no row of any table."""
    assert Ballot.objects.filter(voter=KEYS[0]).count() == 2
    forget_voters(poll=over)
    rows = [*Ballot.objects.values(), *Cluster.objects.values(), *Poll.objects.values()]
    rows += ModelLogEntry.objects.values()
    assert not any(key in str(row) for row in rows for key in KEYS)


def test_the_ledger_can_be_published_again_afterwards_with_the_same_roots(over, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    over.ledgers.all().delete()
    first = publish_ledger(poll=over, actor=None)
    forget_voters(poll=over)
    void_ballots(ballots=Ballot.objects.all()[:1], reason="投诉属实", actor=None)
    second = publish_ledger(poll=over, actor=None)
    assert (second.version, second.root) == (2, first.root)


def test_a_pseudonym_is_its_own_so_a_ledger_made_half_way_agrees_with_the_seals(
    over, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    over.ledgers.all().delete()
    name = pseudonym_of(over, KEYS[0])
    assert pseudonym_of(over, name) == name
    over.ballots.filter(voter=KEYS[0]).update(voter=name)
    assert publish_ledger(poll=over, actor=None).version == 1


def test_before_the_close_it_is_refused(poll):
    assert "not closed" in why_not(poll)


def test_before_the_end_of_the_notice_period_it_is_refused(over):
    open_phase(over.edition, "notice")
    assert "notice period" in why_not(over)
    over.edition.phases.filter(kind="notice").delete()
    assert "notice period" in why_not(over)


def test_before_the_ledger_is_published_it_is_refused(over):
    over.ledgers.all().delete()
    assert "ledger" in why_not(over)


def test_while_ballots_wait_for_a_decision_it_is_refused(over):
    ClusterFactory(poll=over, ballots=[Ballot.objects.first()])
    assert "nobody has decided" in why_not(over)


def test_when_decisions_are_younger_than_the_ledger_it_is_refused(over):
    ClusterFactory(poll=over, decision="void", decided_at=timezone.now())
    assert "publish it again" in why_not(over)
    LedgerFactory(poll=over)
    check_may_forget(over)


def test_twice_is_refused_the_second_time(over):
    forget_voters(poll=over)
    assert "already" in why_not(over)


def test_killed_half_way_it_goes_on_where_it_was(over, monkeypatch):
    monkeypatch.setattr(retention, "VOTERS_AT_ONCE", 1)
    given = []

    def killed_at_the_second(poll, voter):
        given.append(voter)
        if len(given) == 2:
            raise KeyboardInterrupt
        return pseudonym_of(poll, voter)

    with monkeypatch.context() as patch:
        patch.setattr(retention, "pseudonym_of", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            forget_voters(poll=over)
    assert Evidence.objects.count() == 3
    assert sorted(map(len, Ballot.objects.values_list("voter", flat=True))) == [32, 32, 64]
    before = Poll.objects.get()
    assert forget_voters(poll=Poll.objects.get()).voters == 1
    expected = pseudonym_of(before, KEYS[0])
    assert Ballot.objects.filter(voter=expected).count() == 2


def test_the_worker_erases_what_is_due_and_looks_once_a_day(over):
    worker_swept.send(None)
    assert not Evidence.objects.exists()
    assert polls_to_forget() == []


def test_the_worker_leaves_what_is_not_due(over):
    open_phase(over.edition, "notice")
    worker_swept.send(None)
    assert Evidence.objects.count() == 3


# --- the command ------------------------------------------------------------------------------


def run(*args):
    out = StringIO()
    call_command("forget_voters", *args, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_what_would_go_and_erases_nothing(over):
    assert run("--dry-run") == (
        "2026: 3 rows of evidence and 0 codes would be erased, 2 voters under pseudonyms.\n"
    )
    assert Evidence.objects.count() == 3


def test_the_command_erases_and_then_has_nothing_to_do(over):
    assert run() == "2026: 3 rows of evidence and 0 codes erased, 2 voters under pseudonyms.\n"
    assert run() == ""


def test_the_command_says_why_not(over):
    open_phase(over.edition, "notice")
    assert "The notice period is not over" in run()
    with pytest.raises(CommandError):
        run("2026")
    with pytest.raises(CommandError, match="1999"):
        run("1999")
