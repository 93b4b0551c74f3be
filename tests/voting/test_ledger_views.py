"""What everybody can see and check of a vote."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    AwardListFactory,
    BallotFactory,
    CategoryFactory,
    UserFactory,
    noticed,
    published,
)
from tests.storages import copied
from tests.voting.test_sealing import receipt_of
from voting import ledger_views
from voting.ledger.proof import check_proof
from voting.models import Ballot, Batch
from voting.publishing import ledger_name, publish_ledger
from voting.sealing import seal
from voting.services import close_poll, void_ballots

pytestmark = pytest.mark.django_db

LEDGER = reverse("vote-ledger", args=["2026"])
RECEIPT = reverse("vote-receipt", args=["2026"])

QUERIES_OF_ROOTS = 5
QUERIES_OF_RESULT = 5


@pytest.fixture
def publish(poll, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def run():
        poll.refresh_from_db()
        if poll.closed_at is None:
            poll.edition.phases.update(closes_at=timezone.now())
            close_poll(poll=poll, actor=None)
        return publish_ledger(poll=poll, actor=None)

    return run


# --- the ledger's page --------------------------------------------------------------------


def test_before_anything_is_sealed_the_page_says_so(client, poll):
    page = client.get(LEDGER)
    assert page.status_code == 200
    assert list(page.context["page_obj"]) == []
    assert page.context["shows_roots"]


def test_during_the_vote_the_roots_are_shown_newest_first_and_no_count(client, poll, entry):
    for _ in range(2):
        BallotFactory(poll=poll, entry=entry)
        seal(poll)
    page = client.get(LEDGER)
    assert [batch.number for batch in page.context["page_obj"]] == [2, 1]
    for batch in Batch.objects.all():
        assert batch.root in page.text
    assert entry.number not in page.text
    assert entry.title not in page.text


def test_roots_are_paged(client, poll, entry, monkeypatch):
    monkeypatch.setattr(ledger_views, "LINES_A_PAGE", 2)
    for _ in range(3):
        BallotFactory(poll=poll, entry=entry)
        seal(poll)
    page = client.get(LEDGER, {"page": 2})
    assert [batch.number for batch in page.context["page_obj"]] == [1]


def test_after_publishing_the_result_the_file_and_its_root_are_shown(
    client, poll, make_entry, publish
):
    few, many, none = (make_entry(title=title) for title in ("少", "多", "无"))
    BallotFactory.create_batch(2, poll=poll, entry=many)
    BallotFactory(poll=poll, entry=few)
    BallotFactory(poll=poll, entry=few, status=2, code="burst", void_reason="刷票")
    ledger = publish()
    page = client.get(LEDGER)
    assert [(one["title"], one["raw"], one["accepted"]) for one in page.context["lines"]] == [
        ("多", 2, 2),
        ("少", 2, 1),
        ("无", 0, 0),
    ]
    assert none.number in page.text
    for text in (ledger.root, ledger.digest, ledger_name(ledger)):
        assert text in page.text
    roots = client.get(LEDGER, {"show": "roots"})
    assert [batch.number for batch in roots.context["page_obj"]] == [1]


@pytest.mark.parametrize("source", ["public", "combined", "weighted"])
def test_the_count_that_decides_awards_comes_with_their_notice(
    client, poll, make_entry, publish, source
):
    """Who knows the count a day earlier knows the popular works a day earlier."""
    CategoryFactory(edition=poll.edition, code="popular", source=source)
    entry = make_entry(title="多")
    BallotFactory.create_batch(2, poll=poll, entry=entry)
    ledger = publish()
    award_list = AwardListFactory(edition=poll.edition)
    award_list.state, award_list.noticed_at = "noticed", timezone.now() + timedelta(seconds=9)
    award_list.save()
    file = reverse("vote-ledger-file", args=["2026", 1])
    page = client.get(LEDGER)
    assert page.context["is_held_back"]
    assert [batch.number for batch in page.context["page_obj"]] == [1]
    for secret in (entry.number, entry.title, ledger.digest, ledger_name(ledger)):
        assert secret not in page.text
    assert Batch.objects.get().root in page.text
    assert client.get(file).status_code == 404
    noticed(award_list)
    page = client.get(LEDGER)
    assert [(one["title"], one["accepted"]) for one in page.context["lines"]] == [("多", 2)]
    assert ledger.digest in page.text
    assert b"".join(client.get(file).streaming_content)


def test_a_count_that_decides_nothing_is_shown_at_once(client, poll, entry, publish):
    CategoryFactory(edition=poll.edition, code="expert", source="jury")
    BallotFactory(poll=poll, entry=entry)
    publish()
    assert not client.get(LEDGER).context["is_held_back"]
    assert client.get(reverse("vote-ledger-file", args=["2026", 1])).getvalue()


def test_without_a_notice_the_count_comes_with_the_results(client, poll, entry, publish):
    CategoryFactory(edition=poll.edition, code="popular", source="public")
    BallotFactory(poll=poll, entry=entry)
    publish()
    award_list = AwardListFactory(edition=poll.edition)
    published(award_list, at=timezone.now() + timedelta(seconds=9))
    assert client.get(LEDGER).context["is_held_back"]
    published(award_list)
    assert not client.get(LEDGER).context["is_held_back"]


def test_the_organiser_can_look_into_a_file_that_is_held_back(client, poll, entry, publish):
    CategoryFactory(edition=poll.edition, code="popular", source="public")
    BallotFactory(poll=poll, entry=entry)
    publish()
    client.force_login(UserFactory(is_superuser=True))
    response = client.get(reverse("vote-ledger-file", args=["2026", 1]))
    assert b"".join(response.streaming_content)
    assert "private" in response.headers["Cache-Control"]


def test_the_file_is_downloaded_as_it_was_published(client, poll, entry, publish):
    BallotFactory(poll=poll, entry=entry)
    ledger = publish()
    response = client.get(reverse("vote-ledger-file", args=["2026", 1]))
    with ledger.file.open("rb") as file:
        assert b"".join(response.streaming_content) == file.read()
    assert ledger_name(ledger) in response.headers["Content-Disposition"]
    assert "Content-Encoding" not in response.headers
    assert client.get(reverse("vote-ledger-file", args=["2026", 2])).status_code == 404


def test_the_program_offered_checks_the_file_offered(client, poll, entry, publish, tmp_path):
    BallotFactory.create_batch(3, poll=poll, entry=entry)
    ledger = publish()
    program = tmp_path / "ledger-check.pyz"
    program.write_bytes(client.get(reverse("vote-checker")).content)
    assert "__main__.py" in zipfile.ZipFile(io.BytesIO(program.read_bytes())).namelist()
    file = copied(ledger.file.storage, ledger.file.name, tmp_path)
    command = [sys.executable, "-I", "-S", program, file, "--root", ledger.root]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"  {entry.number}  3  3\n" in done.stdout


@pytest.mark.parametrize("rows", [1, 3])
def test_the_roots_cost_the_same_queries(client, poll, entry, rows, django_assert_num_queries):
    for _ in range(rows):
        BallotFactory(poll=poll, entry=entry)
        seal(poll)
    client.get(LEDGER)
    with django_assert_num_queries(QUERIES_OF_ROOTS):
        client.get(LEDGER)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_result_costs_the_same_queries(
    client, poll, make_entry, rows, publish, django_assert_num_queries
):
    for _ in range(rows):
        ballot = BallotFactory(poll=poll, entry=make_entry())
    publish()
    for _ in range(rows - 1):
        status = 2 - ballot.status
        code = "organiser" if status else ""
        Ballot.objects.filter(pk=ballot.pk).update(status=status, code=code)
        ballot.refresh_from_db()
        publish()
    client.get(LEDGER)
    with django_assert_num_queries(QUERIES_OF_RESULT):
        client.get(LEDGER)


# --- a receipt ----------------------------------------------------------------------------


def ask(client, receipt, **more):
    return client.post(RECEIPT, {"receipt": receipt} | more)


def test_a_ballot_not_sealed_yet_is_known(client, poll, entry):
    page = ask(client, receipt_of(BallotFactory(poll=poll, entry=entry)))
    assert page.status_code == 200
    assert entry.title in page.text
    assert "下载证明" not in page.text
    assert "Download the proof" not in page.text


def test_a_sealed_ballot_is_shown_with_its_root_and_its_proof(client, poll, entry):
    ballot = BallotFactory(poll=poll, entry=entry)
    batch = seal(poll)
    receipt = receipt_of(ballot)
    assert batch.root in ask(client, receipt.lower().replace("-", " ")).text
    proof = ask(client, receipt, proof="1")
    assert proof.headers["Content-Disposition"] == 'attachment; filename="proof-2026-0.json"'
    assert check_proof(json.loads(proof.content), receipt=receipt, root=batch.root) == ""


def test_nothing_of_the_review_is_told_before_the_ledger_is_published(client, poll, entry, publish):
    plain = BallotFactory(poll=poll, entry=entry)
    void = BallotFactory(poll=poll, entry=entry, status=2, code="burst", void_reason="刷票")
    aside = BallotFactory(poll=poll, entry=entry, status=1, code="burst")
    seal(poll)
    # What differs by chance: the tokens, and the receipts themselves.
    words = [ask(client, receipt_of(one)).context for one in (plain, void, aside)]
    assert [one["is_published"] for one in words] == [False] * 3
    for one in (void, aside):
        page = ask(client, receipt_of(one)).text
        assert "burst" not in page
        assert "刷票" not in page
    void_ballots(ballots=[aside], reason="刷票", actor=None)
    publish()
    page = ask(client, receipt_of(void)).text
    assert "burst" in page
    assert "刷票" not in page
    assert "burst" not in ask(client, receipt_of(plain)).text


def test_a_wrong_secret_and_no_such_ballot_have_one_answer_at_one_cost(client, poll, entry):
    ballot = BallotFactory(poll=poll, entry=entry)
    number, rest = receipt_of(ballot).split("-", 1)
    wrong = f"{number}-{'0' * 5}{rest[5:]}"
    missing = f"{'Z' * len(number)}-{rest}"
    ask(client, missing)
    answers = []
    for receipt in (wrong, missing):
        with CaptureQueriesContext(connection) as queries:
            page = ask(client, receipt)
        assert page.context["ballot"] is None
        assert ask(client, receipt, proof="1").status_code == 200
        answers.append((page.status_code, len(page.content), len(queries)))
    assert answers[0] == answers[1]


def test_what_is_no_receipt_is_said_at_the_field(client, poll):
    page = ask(client, "hello")
    assert page.context["form"].errors["receipt"]
    assert "ballot" not in page.context


def test_the_address_is_held_to_a_rate(client, poll, monkeypatch):
    monkeypatch.setattr(ledger_views, "RECEIPT_RATE", "2/d")
    answers = [ask(client, "x").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_a_receipt_in_the_address_is_not_read(client, poll, entry):
    receipt = receipt_of(BallotFactory(poll=poll, entry=entry))
    page = client.get(RECEIPT, {"receipt": receipt})
    assert entry.title not in page.text
    assert page.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
