"""One secret that stands for a key of every data key there is, or will be, and out of which single keys can be cut.

It is the tree of Goldreich, Goldwasser and Micali ("How to construct random functions", 1986) over the 128 bits of a data
key's id: each node is a hash of its parent, and a leaf is a key. To cut out a leaf, the nodes above it are replaced by
those beside its path, from which every other leaf can be made, and that one by nobody. So nothing is written when a data
key is made, a copy of the secret that is a year old has the keys of everything that was made since, and what grows is
what was cut out: an entry for each gap between the keys that are left.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from uuid import UUID

BITS: Final = 128
_KEY_BYTES: Final = 32
#: Ids in a row: one process's, until it needs more.
_ROW_BITS: Final = 16
_MOST_ROWS_KEPT: Final = 1024
_ENTRY: Final = struct.Struct(">B16s32s")

Node = tuple[int, int]
"""Depth, and the bits of the path that lead there."""


class Tree:
    """What is left of the secret. Unchanging: cutting gives another one."""

    def __init__(self, nodes: Mapping[Node, bytes]) -> None:
        self._nodes = dict(nodes)
        self._rows: dict[int, bytes | None] = {}

    @classmethod
    def grown(cls) -> Tree:
        """A new one, with nothing cut out."""
        return cls({(0, 0): os.urandom(_KEY_BYTES)})

    def key(self, id_: UUID) -> bytes | None:
        """The key of a data key, 32 bytes; None when it was cut out."""
        row = id_.int >> _ROW_BITS
        if row not in self._rows:
            if len(self._rows) >= _MOST_ROWS_KEPT:
                self._rows.clear()
            self._rows[row] = self._reached(BITS - _ROW_BITS, row)
        above = self._rows[row]
        if above is None:
            return self._reached(BITS, id_.int)
        return _walk(above, id_.int, _ROW_BITS)

    def without(self, ids: Iterable[UUID]) -> Tree:
        """This tree with the keys of these data keys cut out; what is gone already stays gone."""
        nodes = dict(self._nodes)
        for id_ in ids:
            at = next((depth for depth in range(BITS + 1) if (depth, id_.int >> BITS - depth) in nodes), None)
            if at is None:
                continue
            node = nodes.pop((at, id_.int >> BITS - at))
            for depth in range(at + 1, BITS + 1):
                step = id_.int >> BITS - depth
                nodes[depth, step ^ 1] = _child(node, step ^ 1)
                node = _child(node, step)
        return Tree(nodes)

    def __len__(self) -> int:
        """How many nodes it takes to keep it."""
        return len(self._nodes)

    def pack(self) -> bytes:
        return b"".join(
            _ENTRY.pack(depth, step.to_bytes(16, "big"), node)
            for (depth, step), node in sorted(self._nodes.items())
        )

    @classmethod
    def unpack(cls, packed: bytes) -> Tree:
        return cls({(depth, int.from_bytes(step, "big")): node for depth, step, node in _entries(packed)})

    def _reached(self, depth: int, step: int) -> bytes | None:
        """The node at `step` of `depth`, made from the one above it that is left."""
        for above in range(depth, -1, -1):
            node = self._nodes.get((above, step >> depth - above))
            if node is not None:
                return _walk(node, step, depth - above)
        return None


class KeyIds:
    """Ids of data keys: UUIDv8 (RFC 9562 §5.8), in rows of 65,536 that one process takes one after the other.

    Ids beside each other are cut out together, at the price of a few nodes; ids strewn about would cost a hundred each.
    """

    def __init__(self) -> None:
        self._next = self._end = 0

    def next(self) -> UUID:
        if self._next == self._end:
            random = int.from_bytes(os.urandom(8), "big")
            made_ms = time.time_ns() // 1_000_000 & (1 << 48) - 1
            row = made_ms << 80 | 0x8 << 76 | (random & 0xFFF) << 64 | 0b10 << 62
            self._next = row | (random >> 12 & (1 << 46) - 1) << _ROW_BITS
            self._end = self._next + (1 << _ROW_BITS)
        self._next += 1
        return UUID(int=self._next - 1)


def _entries(packed: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    return _ENTRY.iter_unpack(packed)


def _walk(node: bytes, step: int, levels: int) -> bytes:
    for level in range(levels - 1, -1, -1):
        node = _child(node, step >> level)
    return node


def _child(node: bytes, step: int) -> bytes:
    return hashlib.sha256(node + (b"\x01" if step & 1 else b"\x00")).digest()
