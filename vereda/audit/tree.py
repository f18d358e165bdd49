"""The tree over the entries' hashes, by the letter of RFC 9162 §2.1 (SHA-256). Pure: hashes in, hashes out.

Every leaf is stored with the roots of all complete subtrees that it ends (`Frontier.add`): leaf 5 ends one of one leaf and
one of two, leaf 7 those of one, two, four and eight. So any proof takes a handful of rows, whatever the tree's size, and
nothing that was stored is ever changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

#: The root of the complete subtree of `2 ** level` leaves that ends with the leaf of this index.
Node = tuple[int, int]
Lookup = Callable[[Node], bytes]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree while it grows: the roots of the complete subtrees that its `size` leaves fall into, the largest first."""

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self._roots = list(roots)

    def add(self, leaf: bytes) -> list[bytes]:
        """Add a leaf's hash; the roots of the complete subtrees that it ends, by level, its own first."""
        ended, index = [leaf], self.size
        while index & 1:
            ended.append(node_hash(self._roots.pop(), ended[-1]))
            index >>= 1
        self._roots.append(ended[-1])
        self.size += 1
        return ended

    @property
    def root(self) -> bytes:
        return _joined(self._roots) if self._roots else EMPTY_ROOT


def pieces(start: int, end: int) -> list[Node]:
    """The complete subtrees that the leaves from `start` up to `end` fall into, left to right.

    `start` is a multiple of the largest power of two below `end - start`, as in every range that a proof asks for.
    """
    found = []
    for level in range((end - start).bit_length() - 1, -1, -1):
        if (end - start) >> level & 1:
            start += 1 << level
            found.append((level, start - 1))
    return found


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees whose roots prove that leaf `index` is in the tree of `size`, the lowest first (RFC 9162 §2.1.3.1)."""
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The subtrees whose roots prove that the tree of `new` begins with that of `old` (RFC 9162 §2.1.4.1)."""
    start, end, ranges, whole = 0, new, [], True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    return [*([] if whole else [(start, end)]), *ranges[::-1]]


def root_of(ranges: Sequence[tuple[int, int]], lookup: Lookup) -> list[bytes]:
    """The roots of the subtrees over `ranges`."""
    return [_joined([lookup(node) for node in pieces(*one)]) for one in ranges]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows `leaf` at `index` of the tree of `size` with this `root` (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, hashed = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            hashed = node_hash(one, hashed)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            hashed = node_hash(hashed, one)
        number, last = number >> 1, last >> 1
    return last == 0 and hashed == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `new` begins with all of the tree of `old` (RFC 9162 §2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new:
        return old == 0 and not proof and old_root == EMPTY_ROOT
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    first = second = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            first, second = node_hash(one, first), node_hash(one, second)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            second = node_hash(second, one)
        number, last = number >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _joined(roots: Sequence[bytes]) -> bytes:
    """The root of a tree that falls into complete subtrees with these roots, the largest first."""
    joined = roots[-1]
    for one in roots[-2::-1]:
        joined = node_hash(one, joined)
    return joined
