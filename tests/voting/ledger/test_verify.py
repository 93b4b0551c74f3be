"""A ledger that was touched is found out; one that was not is not."""

import hashlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import voting.ledger
from tests.voting.ledger import worlds
from tests.voting.ledger.worlds import HEADER, a_ledger, root_of, sealed, some_ballots
from voting.ledger.container import gzip_chunks
from voting.ledger.lines import canonical, ledger_lines
from voting.ledger.proof import check_proof, proof_of
from voting.ledger.tree import Tree, inclusion_path, leaf_hash
from voting.ledger.verify import verify

GOOD = a_ledger()
EDITS_OF_EACH_KIND = 100


@pytest.fixture
def check(tmp_path):
    """Verify bytes as a file."""

    def run(data, name="ledger.jsonl", **stated):
        path = tmp_path / name
        path.write_bytes(data)
        return verify(path, **stated)

    return run


def packed(data):
    return b"".join(gzip_chunks(iter(data.splitlines(keepends=True))))


def rewritten(data, change):
    """Return the ledger with each line's values changed by `change(values)`; None drops it."""
    lines = (change(json.loads(line)) for line in data.splitlines())
    return b"".join(canonical(line) for line in lines if line)


def with_footer(data):
    """Return the ledger with a footer that a forger has computed anew."""
    *lines, footer = data.splitlines(keepends=True)
    body = b"".join(lines)
    values = json.loads(footer) | {"sha256": hashlib.sha256(body).hexdigest(), "lines": len(lines)}
    return body + canonical(values)


# --- what is right ------------------------------------------------------------------------


def test_a_ledger_as_it_was_published_has_no_problems(check):
    found = check(GOOD, root=root_of(GOOD))
    assert found.problems == []
    assert found.counts == {"P-000001": [14, 12], "P-000002": [13, 11], "V-000001": [13, 11]}
    assert found.root == root_of(GOOD)
    assert len(found.batch_roots) == 4


def test_packed_it_is_the_same_and_the_digest_is_the_files(check):
    data = packed(GOOD)
    digest = hashlib.sha256(data).hexdigest()
    name = f"poll-2026-v1-{digest[:12]}.jsonl.gz"
    assert check(data, name, root=root_of(GOOD).upper(), sha256=digest.upper()).problems == []


def test_python_reads_the_packed_file_too():
    import gzip

    assert gzip.decompress(packed(GOOD)) == GOOD


def test_a_vote_without_ballots_has_a_ledger(check):
    empty = b"".join(ledger_lines(HEADER, [], []))
    found = check(empty)
    assert found.problems == []
    assert found.root == hashlib.sha256(b"").hexdigest() == root_of(empty)


def test_roots_seen_during_the_vote_are_found_again(check):
    roots = [batch.root for batch in sealed(some_ballots())]
    assert check(GOOD, seen=roots).problems == []
    assert check(GOOD, seen=["0" * 64]).problems == [
        f"The root {'0' * 64} was published, but no batch has it."
    ]


# --- a thousand edits ---------------------------------------------------------------------


@pytest.mark.parametrize("edit", worlds.EDITS, ids=lambda edit: edit.__name__)
def test_a_hundred_random_edits_of_each_kind_are_all_found(check, edit):
    rng = random.Random(edit.__name__)
    for _ in range(EDITS_OF_EACH_KIND):
        edited = edit(rng, GOOD)
        if edited == GOOD:  # e.g. two equal neighbours swapped
            continue
        assert check(edited).problems, edited


@pytest.mark.parametrize("edit", worlds.EDITS[:5], ids=lambda edit: edit.__name__)
def test_a_hundred_random_edits_of_the_packed_file_are_all_found(check, edit):
    rng = random.Random(edit.__name__)
    data = packed(GOOD)
    name = f"poll-2026-v1-{hashlib.sha256(data).hexdigest()[:12]}.jsonl.gz"
    for _ in range(EDITS_OF_EACH_KIND):
        assert check(edit(rng, data), name).problems


def test_of_a_packed_file_under_another_name_only_bits_that_mean_nothing_can_change(check):
    """Deflate ends within a byte; what is after it, and only that, the digest must guard."""
    data = packed(b"".join(ledger_lines(HEADER, [], [])))
    unseen = [
        (at, bit)
        for at in range(len(data))
        for bit in range(8)
        if not check(data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]).problems
    ]
    assert {at for at, _bit in unseen} <= {len(data) - 9}


def test_what_follows_the_packed_file_is_found(check):
    assert check(packed(GOOD) + b"\0").problems == ["Something follows the end of the gzip file."]
    assert check(packed(GOOD) + packed(GOOD)).problems
    assert check(packed(GOOD)[:-1]).problems == ["The gzip file is cut short."]


# --- a forger who computes everything anew ------------------------------------------------


def forged(change, header=HEADER):
    ballots = some_ballots()
    change(ballots)
    return a_ledger(ballots, header)


FORGERIES = {
    "a vote more": lambda ballots: ballots.append(
        ballots[-1]._replace(pseudonym="0" * 32, receipt="0" * 64)
    ),
    "a vote less": lambda ballots: ballots.pop(5),
    "a vote for another": lambda ballots: ballots.__setitem__(
        0, ballots[0]._replace(entry="V-000001")
    ),
    "another voter": lambda ballots: ballots.__setitem__(
        0, ballots[0]._replace(pseudonym="0" * 32)
    ),
    "another hour": lambda ballots: ballots.__setitem__(
        0, ballots[0]._replace(hour="2026-05-03T10:00+08:00")
    ),
    "another receipt": lambda ballots: ballots.__setitem__(
        0, ballots[0]._replace(receipt="0" * 64)
    ),
    "another order": lambda ballots: ballots.reverse(),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forger_who_computes_all_hashes_anew_has_another_root(check, name):
    data = forged(FORGERIES[name])
    alone = check(data)
    assert alone.problems == []  # the control: in itself it is a perfect ledger
    assert check(data, root=root_of(GOOD)).problems == [
        f"The root of all ballots is {alone.root}, not {root_of(GOOD)}."
    ]


def test_a_decision_changed_after_publishing_keeps_the_root_but_not_the_digest(check):
    """What people decided of a ballot comes after its leaf: the file's digest guards it."""
    data = forged(lambda ballots: ballots.__setitem__(0, ballots[0]._replace(code="burst")))
    assert check(data, root=root_of(GOOD)).problems == []
    digest = hashlib.sha256(GOOD).hexdigest()
    assert check(data, root=root_of(GOOD), sha256=digest).problems == [
        f"The file's SHA-256 is {hashlib.sha256(data).hexdigest()}, not {digest}."
    ]


def test_what_is_no_ledger_at_all_is_given_up_soon(check):
    problems = check(b"{}\n" * 1000).problems
    assert (len(problems), problems[-1]) == (21, "There may be more; the check ends here.")


# --- what the count must be ---------------------------------------------------------------


def problems_of(check, change, header=HEADER):
    return check(forged(change, header)).problems


def test_a_work_voted_for_twice_on_a_day_is_found(check):
    def twice(ballots):
        ballots[1] = ballots[1]._replace(entry=ballots[0].entry)

    assert problems_of(check, twice) == [
        "Line 3: the voter has voted for this work on that day already."
    ]


def test_more_votes_than_allowed_are_found(check):
    problems = problems_of(check, lambda ballots: None, HEADER | {"votes_per_day": 1})
    assert problems[0] == "Line 3: the voter has more than 1 votes on that day."
    assert len(problems) == 18


def test_one_receipt_for_two_voters_is_found(check):
    def shared(ballots):
        ballots[2] = ballots[2]._replace(receipt=ballots[0].receipt)

    assert problems_of(check, shared) == [
        "Line 4: this receipt was given to an earlier ballot already."
    ]


def test_a_ballot_outside_of_the_window_is_found(check):
    def early(ballots):
        ballots[0] = ballots[0]._replace(hour="2026-05-01T08:00+08:00")

    assert problems_of(check, early) == ["Line 2: the ballot was cast while voting was not open."]


def test_a_wrong_count_is_found_though_all_digests_are_right(check):
    def one_more(values):
        return values | {"accepted": 13} if values.get("accepted") == 12 else values

    problems = check(with_footer(rewritten(GOOD, one_more))).problems
    assert problems == ["Line 46: work P-000001 has 14 ballots, 12 of them accepted."]


@pytest.mark.parametrize(
    "values",
    [
        {"type": "vote"},
        {"type": 1},
        {},
        [],
        {"type": "footer", "lines": 1.0, "ballots": 0, "root": "", "sha256": ""},
        {"type": "header", "format": True},
    ],
)
def test_no_line_makes_the_check_fall(check, values):
    assert check(canonical(values)).problems
    assert check(GOOD + canonical(values)).problems


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{}", b"\xff\n", b"[" * 100_000 + b"\n", b'"\\ud800"\n', b"NaN\n", b"1e999\n"],
)
def test_no_bytes_make_the_check_fall(check, line):
    assert check(line).problems
    assert check(GOOD + line).problems or line == b""


@pytest.mark.parametrize("kind", ["header", "ballot", "batch", "tally", "footer"])
@pytest.mark.parametrize(
    "value", [None, [], {}, "x", -1, 1.5, True, [["a"]], "2026-13-41T00:00+08:00"]
)
def test_a_value_of_another_kind_is_found_wherever_it_stands(check, kind, value):
    keys = sorted(next(v for v in map(json.loads, GOOD.splitlines()) if v["type"] == kind))
    for key in keys:

        def change(values, key=key):
            return values | {key: value} if values["type"] == kind else values

        assert check(rewritten(GOOD, change)).problems, (kind, key)


# --- outside of the site ------------------------------------------------------------------


@pytest.fixture
def outside(tmp_path):
    """Run a copy of the folder, alone, with nothing but Python."""
    shutil.copytree(Path(voting.ledger.__file__).parent, tmp_path / "alone" / "ledger")

    def run(*arguments, way=("ledger",)):
        command = [sys.executable, "-I", "-S", *way, *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path / "alone", capture_output=True, text=True)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    return run


def test_a_copy_of_the_folder_checks_a_file_with_nothing_but_python(outside, tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed(GOOD))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    code, said = outside(path, "--root", root_of(GOOD), "--sha256", digest)
    assert code == 0
    assert "  P-000001  14  12\n" in said
    assert f"Root: {root_of(GOOD)}\n" in said
    assert said.endswith("OK: the file is the one that was published, and it adds up.\n")


def test_outside_too_a_changed_file_fails(outside, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD.replace(b'"burst"', b'"purst"', 1))
    code, said = outside(path)
    assert code == 1
    assert said.startswith(f"Line {len(GOOD.splitlines())}: the SHA-256 of the lines before it")
    assert outside(tmp_path / "none")[0] == 1


def a_proof(leaf=11):
    """Return the proof of a ballot of the third batch, leaves 8 to 27, and its receipt."""
    ballots = some_ballots()
    batch = sealed(ballots)[2]
    tree, leaves = Tree(), []
    for number, ballot in enumerate(ballots[: batch.first_leaf + batch.size]):
        hashed = leaf_hash(worlds.leaf_bytes(*ballot[:4]))
        tree.append(hashed) if number < batch.first_leaf else leaves.append(hashed)
    path = inclusion_path(leaf, batch.first_leaf, tree.peaks, leaves)
    proof = proof_of(
        ballots[leaf], edition="2026", batch=3, leaf=leaf, size=28, root=batch.root, path=path
    )
    return proof, worlds.receipt_of(leaf), batch.root


def test_a_receipts_proof_leads_to_its_batchs_root():
    proof, receipt, root = a_proof()
    assert check_proof(proof, receipt=receipt.lower(), root=root.upper()) == ""
    assert check_proof(proof, receipt=worlds.receipt_of(12)) == "The proof is of another receipt."
    assert check_proof(proof, receipt="?") == "This is no receipt."
    assert (
        check_proof(proof, receipt=receipt, root="0" * 64) == f"The root is {root}, not {'0' * 64}."
    )


@pytest.mark.parametrize("key", ["entry", "hour", "pseudonym"])
def test_a_proof_of_another_vote_leads_elsewhere(key):
    proof, receipt, _root = a_proof()
    proof["ballot"][key] += "0"
    assert check_proof(proof, receipt=receipt) == (
        "The path does not lead to the root that the proof states."
    )


@pytest.mark.parametrize("key", ["ballot", "path", "leaf", "size", "root", "batch"])
def test_a_damaged_proof_is_no_proof(key):
    proof, receipt, _root = a_proof()
    for value in (None, "x", [], {}, -1):
        assert check_proof(proof | {key: value}, receipt=receipt) or key == "batch"
    del proof[key]
    assert check_proof(proof, receipt=receipt) == "The proof is damaged."
    assert check_proof(None, receipt=receipt) == "The proof is damaged."


def test_a_receipt_is_checked_outside_too(outside, tmp_path):
    proof, receipt, root = a_proof()
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof))
    code, said = outside("check-receipt", path, receipt, "--root", root)
    assert code == 0
    assert said.startswith("The vote for V-000001 is leaf 11 of batch 3.\n")
    assert outside("check-receipt", path, worlds.receipt_of(3))[0] == 1
    path.write_text("{")
    assert outside("check-receipt", path, receipt)[0] == 1
