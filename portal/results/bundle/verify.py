"""The check of a bundle: it is the one that was published, and its awards follow from it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from competition.awards.rulebook import PUBLIC
from portal.results.bundle.container import (
    Damaged,
    Member,
    copy_member,
    read_archive,
    read_member,
)
from portal.results.bundle.parts import (
    FINAL,
    FORMAT,
    LEDGER,
    MANIFEST,
    MOST_LARGE,
    MOST_SMALL,
    NAMES,
    NOTICE,
    ROOT,
    RULE,
    TABLES,
    Contents,
    Line,
    read_lines,
    read_one,
)
from portal.results.bundle.recount import standing_problems
from portal.results.bundle.references import reference_problems
from portal.results.bundle.replay import award_problems
from voting.ledger.verify import verify as verify_ledger

MOST_PROBLEMS = 20


@dataclass
class BundleCheck:
    """What was found. Without `problems` the awards follow from the bundle.

    `remarks`: what is right and still worth knowing. `counts`: of what there is how much.
    """

    root: str = ""
    manifest: Line = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, problems: Iterator[str]) -> bool:
        """Keep the first of the problems; tell whether there is none at all so far."""
        self.problems += islice(problems, MOST_PROBLEMS - len(self.problems))
        if len(self.problems) >= MOST_PROBLEMS:
            self.problems.append("There may be more; the check ends here.")
        return not self.problems


def verify(path: Path, *, root: str = "") -> BundleCheck:
    """Read the bundle and recompute all of it. Raises OSError when it cannot be opened.

    `root` is the one published; without it the bundle can only be checked against itself.
    """
    check = BundleCheck()
    with path.open("rb") as file:
        try:
            members = read_archive(file, NAMES)
            check.manifest, check.root = _manifest(file, members)
            if root and root.strip().lower() != check.root:
                check.problems.append(f"The root is {check.root}, not {root}.")
            if check.add(_part_problems(file, check.manifest, members)):
                _check_contents(check, file, members)
        except Damaged as damaged:
            check.problems.append(str(damaged))
    return check


# --- the file -----------------------------------------------------------------------------


def _manifest(file: BinaryIO, members: dict[str, Member]) -> tuple[Line, str]:
    needed = {MANIFEST, RULE, *TABLES, ROOT}
    if missing := sorted(needed - members.keys()):
        raise Damaged(f"The bundle lacks {', '.join(missing)}.")
    data = read_member(file, members[MANIFEST], MOST_SMALL)
    root = hashlib.sha256(data).hexdigest()
    if read_member(file, members[ROOT], MOST_SMALL) != f"{root}\n".encode():
        raise Damaged("The root is not the SHA-256 of the manifest.")
    manifest = read_one(MANIFEST, data)
    if manifest["format"] != FORMAT or manifest["stage"] not in (NOTICE, FINAL):
        raise Damaged("The bundle is of an unknown format.")
    return manifest, root


def _part_problems(file: BinaryIO, manifest: Line, members: dict[str, Member]) -> Iterator[str]:
    stated = {part["name"]: part for part in manifest["parts"]}
    wanted = [name for name in members if name not in (MANIFEST, ROOT)]
    if [part["name"] for part in manifest["parts"]] != wanted:
        yield "The manifest does not name the parts that are there, in their order."
        return
    for name in wanted:
        member, part = members[name], stated[name]
        if (member.size, member.sha256) != (part["bytes"], part["sha256"]):
            yield f"{name}: its SHA-256 is {member.sha256}, not the one in the manifest."
        elif name != LEDGER and _count_lines(file, member) != part["lines"]:
            yield f"{name}: the manifest counts its lines wrong."


def _count_lines(file: BinaryIO, member: Member) -> int:
    return read_member(file, member, MOST_LARGE).count(b"\n")


# --- what it says -------------------------------------------------------------------------


def _check_contents(check: BundleCheck, file: BinaryIO, members: dict[str, Member]) -> None:
    contents = Contents(
        read_one(RULE, read_member(file, members[RULE], MOST_SMALL)),
        {name: read_lines(name, read_member(file, members[name], MOST_LARGE)) for name in TABLES},
    )
    check.counts = {name: len(contents[name]) for name in ("works", "scores", "awards")}
    has_public = any(line["source"] == PUBLIC for line in contents["lists"])
    if has_public != (LEDGER in members):
        raise Damaged("The public's standing and the ledger of its votes belong together.")
    if not check.add(reference_problems(contents, check.manifest["stage"])):
        return
    votes = _votes(check, contents, file, members[LEDGER]) if has_public else {}
    steps: list[Callable[[], Iterator[str]]] = [
        lambda: standing_problems(contents, votes),
        lambda: award_problems(contents),
    ]
    for step in steps:
        if check.problems:
            return
        try:
            check.add(step())
        except (ValueError, ArithmeticError) as error:
            check.problems.append(f"Nothing can be computed from these numbers: {error}.")


def _votes(
    check: BundleCheck, contents: Contents, file: BinaryIO, member: Member
) -> dict[str, int]:
    """Check the ledger; return the accepted votes of each work in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        copy_member(file, member, path)
        ledger = verify_ledger(path)
    [part] = [one for one in check.manifest["parts"] if one["name"] == LEDGER]
    if not ledger.problems and ledger.tree.size != part["lines"]:
        ledger.problems.append(f"It has {ledger.tree.size} votes.")
    if not ledger.problems and ledger.header["edition"] != check.manifest["edition"]["slug"]:
        ledger.problems.append("It is of another edition.")
    check.add(f"Ledger: {problem}" for problem in ledger.problems)
    check.counts["ballots"] = ledger.tree.size
    votes = {work: accepted for work, (_raw, accepted) in ledger.counts.items()}
    check.remarks += _remarks(contents, votes)
    return votes


def _remarks(contents: Contents, votes: dict[str, int]) -> list[str]:
    ranked = Counter(line["work"] for line in contents["standings"] if line["source"] == PUBLIC)
    unranked = sorted(work for work, n in votes.items() if n and work not in ranked)
    if not unranked:
        return []
    return [f"Voted for, but not in the public's standing: {', '.join(unranked)}."]
