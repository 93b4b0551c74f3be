"""The command line: check a bundle."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from portal.results.bundle.verify import BundleCheck, verify

HELP = "recompute the standings and awards of a published bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what a check of a bundle is asked with."""
    parser.add_argument("bundle", type=Path, help="the bundle, as downloaded")
    parser.add_argument("--root", default="", help="the root published with it")


def check_file(options: argparse.Namespace) -> int:
    """Check the bundle, print what was found; return 0 when all is right, else 1."""
    try:
        check = verify(options.bundle, root=options.root)
    except OSError as error:
        print(f"The file cannot be read: {error}.")
        return 1
    for problem in check.problems:
        print(_printable(problem))
    if check.problems:
        print("FAILED: this is not the bundle as it was published, or it does not add up.")
        return 1
    _print_result(check, compared=bool(options.root))
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="portal.results.bundle", description=HELP)
    add_arguments(parser)
    return check_file(parser.parse_args(arguments))


def _print_result(check: BundleCheck, compared: bool) -> None:
    edition, stage = check.manifest["edition"], check.manifest["stage"]
    name = _printable(f"{edition['title']} ({edition['slug']})")
    print(f"{name}, {stage}, version {check.manifest['version']}")
    counts = {"ballots": 0} | check.counts
    print(
        f"{counts['works']} works, {counts['scores']} scorecards, {counts['ballots']} votes: "
        f"all standings and {counts['awards']} awards recomputed."
    )
    for remark in check.remarks:
        print(_printable(remark))
    print(f"Root: {check.root}")
    if compared:
        print("OK: the bundle is the one that was published, and its awards follow from it.")
    else:
        print("OK: its awards follow from it. Compare the root with the one published, or give it.")


def _printable(text: str) -> str:
    """Return a text of the bundle's without what would steer a terminal."""
    return "".join(one if one.isprintable() else "?" for one in text)
