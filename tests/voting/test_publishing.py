"""What is published says what the ballots say, and is refused while it could not."""

import gzip
import hashlib
import io
import json
from contextlib import redirect_stdout

import pytest
from django.core.management import call_command

from tests.factories import BallotFactory, UserFactory
from tests.storages import copied
from tests.voting.test_sealing import receipt_of
from voting.ledger.receipts import receipt_digest
from voting.models import Ballot, Batch, Ledger
from voting.publishing import ledger_name, publish_ledger
from voting.sealed import pseudonym_of
from voting.services import PollRefused, close_poll, void_ballots

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor():
    return UserFactory(is_superuser=True)


@pytest.fixture
def publish(poll, actor, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda: publish_ledger(poll=poll, actor=actor)


@pytest.fixture
def close(poll, actor):
    return lambda: close_poll(poll=poll, actor=actor)


def lines_of(ledger):
    with ledger.file.open("rb") as file:
        return [json.loads(line) for line in gzip.decompress(file.read()).splitlines()]


def test_the_ledger_lists_each_ballot_each_seal_and_each_works_count(
    poll, make_entry, close, publish
):
    first, second = make_entry(number="P-000001"), make_entry(number="P-000002")
    counted = BallotFactory(poll=poll, entry=first, voter="a")
    BallotFactory(poll=poll, entry=first, voter="b", status=2, code="burst", void_reason="刷票")
    close()
    ledger = publish()
    header, one, other, batch, *tally, footer = lines_of(ledger)
    section = first.section.title
    assert header["entries"] == [["P-000001", section], ["P-000002", section]]
    assert (header["edition"], header["votes_per_day"]) == ("2026", 3)
    assert one == {
        "type": "ballot",
        "leaf": 0,
        "entry": "P-000001",
        "hour": one["hour"],
        "pseudonym": pseudonym_of(poll, "a"),
        "receipt": receipt_digest(receipt_of(counted)),
        "status": "accepted",
    }
    assert one["hour"][:10] == counted.day.isoformat()
    assert (other["leaf"], other["status"], other["code"]) == (1, "void", "burst")
    assert (batch["number"], batch["size"], batch["root"]) == (1, 2, ledger.root)
    assert [(line["entry"], line["raw"], line["accepted"]) for line in tally] == [
        ("P-000001", 2, 1),
        ("P-000002", 0, 0),
    ]
    assert footer["root"] == ledger.root
    assert ledger.tally == [["P-000001", 2, 1], ["P-000002", 0, 0]]
    assert (ledger.version, ledger.lines) == (1, 2)
    assert second.ballots.count() == 0


def test_nothing_personal_is_in_it(poll, entry, close, publish):
    ballot = BallotFactory(
        poll=poll, entry=entry, voter="f" * 64, status=2, code="organiser", void_reason="张三刷票"
    )
    close()
    text = json.dumps(lines_of(publish()), ensure_ascii=False)
    for secret in (ballot.voter, ballot.secret, receipt_of(ballot), "张三", poll.pseudonym_key):
        assert secret not in text


def test_its_name_carries_its_digest_and_the_command_verifies_it(
    poll, entry, close, publish, tmp_path
):
    BallotFactory.create_batch(3, poll=poll, entry=entry)
    close()
    ledger = publish()
    with ledger.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == ledger.digest
    assert ledger_name(ledger) == f"poll-2026-v1-{ledger.digest[:12]}.jsonl.gz"
    said = io.StringIO()
    with redirect_stdout(said):
        path = copied(ledger.file.storage, ledger.file.name, tmp_path)
        call_command("verify_poll", path, root=ledger.root, sha256=ledger.digest)
    assert said.getvalue().endswith("it adds up.\n")
    with redirect_stdout(said), pytest.raises(SystemExit) as failed:
        call_command("verify_poll", path, root="0" * 64)
    assert failed.value.code == 1


def test_an_open_poll_has_no_ledger(publish):
    with pytest.raises(PollRefused):
        publish()
    assert not Ledger.objects.exists()


def test_while_ballots_are_to_be_reviewed_there_is_no_ledger(poll, entry, close, publish):
    ballot = BallotFactory(poll=poll, entry=entry, status=1, code="burst")
    close()
    with pytest.raises(PollRefused, match="1"):
        publish()
    void_ballots(ballots=[ballot], reason="刷票", actor=None)
    assert publish().tally == [[entry.number, 1, 0]]


def test_another_version_only_when_something_has_changed(poll, entry, close, publish):
    ballot = BallotFactory(poll=poll, entry=entry)
    close()
    first = publish()
    with pytest.raises(PollRefused, match="1"):
        publish()
    void_ballots(ballots=[ballot], reason="刷票", actor=None)
    second = publish()
    assert (second.version, second.root) == (2, first.root)
    assert second.digest != first.digest
    assert lines_of(first)[1]["status"] == "accepted"
    assert Ledger.objects.count() == 2


def test_a_new_version_does_not_need_the_key_of_the_pseudonyms(poll, make_entry, close, publish):
    ballots = [BallotFactory(poll=poll, entry=make_entry()) for _ in range(3)]
    close()
    first = publish()
    poll.pseudonym_key = ""
    poll.save()
    void_ballots(ballots=ballots[:1], reason="刷票", actor=None)
    second = publish()
    assert [line.get("pseudonym") for line in lines_of(second)] == [
        line.get("pseudonym") for line in lines_of(first)
    ]
    assert second.root == first.root


def test_without_key_and_without_an_earlier_version_it_is_refused(poll, entry, close, publish):
    BallotFactory(poll=poll, entry=entry)
    close()
    poll.pseudonym_key = ""
    poll.save()
    with pytest.raises(PollRefused):
        publish()


def test_ballots_that_were_tampered_with_are_not_published(poll, make_entry, close, publish):
    ballot = BallotFactory(poll=poll, entry=make_entry())
    other = make_entry()
    close()
    Ballot.objects.filter(pk=ballot.pk).update(entry=other)
    with pytest.raises(PollRefused) as refused:
        publish()
    assert "the root is" in refused.value.messages[1]
    assert not Ledger.objects.exists()


def test_a_ballot_deleted_from_the_database_is_not_published_around(poll, entry, close, publish):
    ballots = BallotFactory.create_batch(3, poll=poll, entry=entry)
    close()
    Ballot.objects.filter(pk=ballots[1].pk).delete()
    with pytest.raises(PollRefused):
        publish()
    assert Batch.objects.get().size == 3


def test_a_poll_without_ballots_has_a_ledger_of_noughts(poll, entry, close, publish):
    close()
    assert publish().tally == [[entry.number, 0, 0]]


def test_a_work_that_left_after_votes_were_cast_stays_in_the_ledger(poll, entry, close, publish):
    BallotFactory(poll=poll, entry=entry)
    entry.state = "disqualified"
    entry.save()
    close()
    assert publish().tally == [[entry.number, 1, 1]]
