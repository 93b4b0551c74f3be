"""What changed between two revisions of a work. Plain values in, plain values out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# A word of letters or digits, a run of spaces, or one sign: Chinese is compared by character.
TOKENS = re.compile(r"[a-zA-Z0-9]+|\s+|.", re.DOTALL)


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # of frames: still there, at another place


@dataclass(frozen=True)
class Mark:
    """A stretch of text and what happened to it."""

    change: Change
    text: str


def compare_texts(old: str, new: str) -> list[Mark]:
    """Return both texts as one row of marks.

    Same and removed marks give the old text, same and added ones the new.
    """
    before, after = TOKENS.findall(old), TOKENS.findall(new)
    marks = []
    for _tag, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        removed, added = "".join(before[a:b]), "".join(after[c:d])
        if removed == added:
            marks.append(Mark(Change.SAME, added))
        else:
            marks += [Mark(Change.REMOVED, removed), Mark(Change.ADDED, added)]
    return [mark for mark in marks if mark.text]


def compare_frames(old: Sequence[str], new: Sequence[str]) -> tuple[list[Change], list[Change]]:
    """Return what happened to each old frame, and to each new one; frames are named by file.

    The longest rows that kept their order are the same; of the others, what is in both moved.
    """
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept_old = {block.a + n for block in blocks for n in range(block.size)}
    kept_new = {block.b + n for block in blocks for n in range(block.size)}
    return (
        _mark_frames(old, kept_old, set(new), Change.REMOVED),
        _mark_frames(new, kept_new, set(old), Change.ADDED),
    )


def _mark_frames(
    frames: Sequence[str], kept: set[int], others: set[str], gone: Change
) -> list[Change]:
    return [
        Change.SAME if place in kept else Change.MOVED if name in others else gone
        for place, name in enumerate(frames)
    ]


def joined(marks: Sequence[Mark], *changes: Change) -> str:
    """Return the text that the marks of these changes make."""
    return "".join(mark.text for mark in marks if mark.change in changes)
