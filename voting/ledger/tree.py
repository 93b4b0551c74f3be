"""The Merkle tree of RFC 6962 (section 2.1), grown leaf by leaf.

Of n leaves only the peaks are kept: the roots of the whole subtrees that n is made of, one for
each 1 in n's binary form, so at most log2(n) + 1 hashes.
"""

import hashlib
from collections.abc import Iterable, Sequence

HASH_SIZE = 32  # bytes


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf, 32 bytes (RFC 6962: prefix 0x00)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees, 32 bytes (RFC 6962: prefix 0x01)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree to which leaves are added. `peaks`: of the `size` leaves it has, widest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError("a tree has one peak for each 1 in its size")

    def append(self, leaf: bytes) -> None:
        """Add the hash of a leaf."""
        self.size += 1
        rest = self.size
        while rest % 2 == 0:
            leaf = node_hash(self.peaks.pop(), leaf)
            rest //= 2
        self.peaks.append(leaf)

    def root(self) -> bytes:
        """Return the root of all leaves so far, 32 bytes; of none: SHA-256 of nothing."""
        if not self.peaks:
            return hashlib.sha256().digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def inclusion_path(
    index: int, first: int, peaks: Sequence[bytes], leaves: Sequence[bytes]
) -> list[bytes]:
    """Return the audit path (RFC 6962, 2.1.1) of leaf `index`, its own neighbour first.

    The tree is given as the `peaks` of its first `first` leaves and the hashes of the `leaves`
    after them; `index` is one of the latter. Raises IndexError for any other.
    """
    size = first + len(leaves)
    if not first <= index < size:
        raise IndexError(index)
    peak_at = dict(zip(_starts(first), peaks, strict=True))

    def root_of(start: int, end: int) -> bytes:
        if end <= first:
            return peak_at[start]
        if end - start == 1:
            return leaves[start - first]
        middle = start + _split(end - start)
        return node_hash(root_of(start, middle), root_of(middle, end))

    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(root_of(middle, end))
            end = middle
        else:
            path.append(root_of(start, middle))
            start = middle
    return path[::-1]


def root_by_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which the path leads from leaf `index` of `size` (RFC 9162, 2.1.3.2).

    Raises ValueError when the path has not the length it must have.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    node, last = index, size - 1
    root = leaf
    for neighbour in path:
        if last == 0:
            raise ValueError("the path is too long")
        if node % 2 or node == last:
            root = node_hash(neighbour, root)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            root = node_hash(root, neighbour)
        node, last = node // 2, last // 2
    if last:
        raise ValueError("the path is too short")
    return root


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _starts(size: int) -> list[int]:
    """Return the first leaf of each peak of `size` leaves."""
    starts, start = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            starts.append(start)
            start += 1 << bit
    return starts
