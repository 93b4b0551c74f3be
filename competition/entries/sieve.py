"""All hashes in memory, compared with a new file's at once: whose file may be like it at all.

Reading and comparing row by row made each file dearer than the one before. The sieve lets some
strangers through, never keeps a copy back; `likeness` judges what it lets through, from the rows.
"""

import threading
import uuid
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from competition.entries.likeness import MIRROR, MOST_BITS, Mark

# Rows may be committed in another order than they are numbered: the last ones are read again.
UNSETTLED = 1000
WORDS, WORD_BYTES = 4, 8  # of a hash of 256 bits

Row = tuple[int, uuid.UUID, int, str]  # number, whose it is, view, hexadecimal hash


class Block:
    """Some hashes, one a row of four words, with whose each is and whether it is of a whole."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        content = bytes.fromhex("".join(bits for *_rest, bits in rows))
        self.words = np.frombuffer(content, np.uint64).reshape(-1, WORDS)
        self.owners = [owner for _number, owner, *_rest in rows]
        self.is_whole = np.array([view == 0 for *_rest, view, _bits in rows], bool)

    def extend(self, other: "Block") -> None:
        self.words = np.concatenate([self.words, other.words])
        self.owners += other.owners
        self.is_whole = np.concatenate([self.is_whole, other.is_whole])

    def like(self, marks: Iterable[Mark]) -> set[uuid.UUID]:
        """Return whose hashes are within MOST_BITS of a mark, or of its mirror."""
        found: set[int] = set()
        everywhere = np.arange(len(self.owners))
        for mark in marks:
            places = everywhere[self.is_whole] if mark.view else everywhere
            words = self.words[places]
            for bits in (mark.bits, mark.bits ^ MIRROR):
                probe = np.frombuffer(bits.to_bytes(WORDS * WORD_BYTES, "big"), np.uint64)
                apart = np.bitwise_count(words ^ probe).sum(axis=1, dtype=np.uint16)
                found.update(places[apart <= MOST_BITS].tolist())
        return {self.owners[at] for at in found}


class Sieve:
    """What a process knows of all hashes. Rows that have gone since let a stranger through."""

    def __init__(self, read: Callable[[int], Iterable[Row]]) -> None:
        """`read` gives all rows of a number above the given one, by their numbers."""
        self._read, self._lock = read, threading.Lock()
        self._settled, self._upto = Block(), 0

    def like(self, marks: Sequence[Mark]) -> set[uuid.UUID]:
        """Return whose hashes may be near copies of these marks."""
        with self._lock:
            newest = Block(self._newest())
            return self._settled.like(marks) | newest.like(marks)

    def _newest(self) -> list[Row]:
        """Return the rows that are not settled; when they are many, settle the older ones."""
        rows = list(self._read(self._upto))
        if len(rows) > 2 * UNSETTLED:
            settled, rows = rows[:-UNSETTLED], rows[-UNSETTLED:]
            self._settled.extend(Block(settled))
            self._upto = settled[-1][0]
        return rows
