"""The command line: check a ledger, or a receipt's proof."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from .proof import check_proof
from .verify import LedgerCheck, verify

HELP = "check a published ledger, or `check-receipt PROOF RECEIPT`: a receipt's proof"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a check of a ledger is asked with."""
    parser.add_argument("file", type=Path, help="the ledger, as downloaded or unpacked")
    parser.add_argument("--root", default="", help="the root published with it")
    parser.add_argument("--sha256", default="", help="the SHA-256 published with it")
    parser.add_argument(
        "--seen",
        action="append",
        default=[],
        metavar="ROOT",
        help="a root published during the vote; may be given several times",
    )


def check_file(options: argparse.Namespace) -> int:
    """Check the ledger, print what was found; return 0 when all is right, else 1."""
    try:
        check = verify(options.file, root=options.root, sha256=options.sha256, seen=options.seen)
    except OSError as error:
        print(f"The file cannot be read: {error}.")
        return 1
    for problem in check.problems:
        print(problem)
    if check.problems:
        print("FAILED: this is not the ledger as it was published, or it does not add up.")
        return 1
    _print_result(check, compared=bool(options.root and options.sha256))
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    if arguments[:1] == ["check-receipt"]:
        return _check_receipt(arguments[1:])
    parser = argparse.ArgumentParser(prog="voting.ledger", description=HELP)
    add_arguments(parser)
    return check_file(parser.parse_args(arguments))


def _check_receipt(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="voting.ledger check-receipt")
    parser.add_argument("proof", type=Path, help="the proof, as downloaded (JSON)")
    parser.add_argument("receipt", help="the receipt of the vote")
    parser.add_argument("--root", default="", help="the root published for the proof's batch")
    options = parser.parse_args(arguments)
    try:
        proof = json.loads(options.proof.read_bytes())
        problem = check_proof(proof, receipt=options.receipt, root=options.root)
    except (OSError, ValueError) as error:
        problem = f"The proof cannot be read: {error}."
    if problem:
        print(f"{problem}\nFAILED.")
        return 1
    work, leaf, batch = proof["ballot"]["entry"], proof["leaf"], proof["batch"]
    print(f"The vote for {work} is leaf {leaf} of batch {batch}.")
    print(f"Root: {proof['root']}\nOK. Compare the root with the one published for this batch.")
    return 0


def _print_result(check: LedgerCheck, compared: bool) -> None:
    print(f"{check.header['title']} ({check.header['edition']})")
    print("work, ballots, accepted:")
    for work, (raw, accepted) in check.counts.items():
        print(f"  {work}  {raw}  {accepted}")
    print(f"Ballots: {check.tree.size} in {len(check.batch_roots)} batches.\nRoot: {check.root}")
    if compared:
        print("OK: the file is the one that was published, and it adds up.")
    else:
        print(
            "OK: it adds up. Compare the root with the one published, or give --root and --sha256."
        )
