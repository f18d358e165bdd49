"""The tree of RFC 9162 §2.1: against its recursive definition, and against whoever changes a leaf, a proof or a size."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vereda.audit.tree import (
    EMPTY_ROOT,
    Frontier,
    Node,
    consistency_ranges,
    extends,
    includes,
    inclusion_ranges,
    leaf_hash,
    root_of,
)

SIZES = st.integers(1, 200)


def defined(leaves: list[bytes]) -> bytes:
    """MTH, as RFC 9162 §2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:split]) + defined(leaves[split:])).digest()


def grown(size: int) -> tuple[list[bytes], list[list[bytes]], Frontier]:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    frontier = Frontier()
    return leaves, [frontier.add(leaf) for leaf in leaves], frontier


def looked_up(stored: list[list[bytes]]) -> Any:
    def lookup(node: Node) -> bytes:
        level, sequence = node
        return stored[sequence][level]

    return lookup


@given(SIZES)
def test_the_root_is_the_defined_one_at_every_size(size: int) -> None:
    leaves, _stored, frontier = grown(size)

    assert frontier.root == defined(leaves)
    assert Frontier().root == EMPTY_ROOT == defined([])


@given(SIZES, st.data())
def test_every_leaf_has_a_proof_that_holds_for_it_alone(size: int, data: st.DataObject) -> None:
    leaves, stored, frontier = grown(size)
    index = data.draw(st.integers(0, size - 1))

    proof = root_of(inclusion_ranges(index, size), looked_up(stored))

    assert includes(leaves[index], index, size, proof, frontier.root)
    assert not includes(leaf_hash(b"another"), index, size, proof, frontier.root)
    for other in {*range(size)} - {index}:
        assert not includes(leaves[index], other, size, proof, frontier.root)


@given(SIZES, st.data())
def test_a_tree_extends_each_of_its_beginnings_and_no_other_tree(size: int, data: st.DataObject) -> None:
    leaves, stored, frontier = grown(size)
    old = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, old - 1))
    old_root = defined(leaves[:old])
    forged = defined([*leaves[:changed], leaf_hash(b"another"), *leaves[changed + 1 : old]])

    proof = root_of(consistency_ranges(old, size), looked_up(stored))

    assert extends(old, old_root, size, frontier.root, proof)
    assert not extends(old, forged, size, frontier.root, proof)
    if proof:
        assert not extends(old, old_root, size, frontier.root, proof[:-1])
        assert not extends(old, old_root, size, frontier.root, [*proof, proof[0]])


@given(SIZES, st.data())
def test_proofs_are_short(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))

    assert len(inclusion_ranges(old - 1, size)) <= (size - 1).bit_length()
    assert len(consistency_ranges(old, size)) <= (size - 1).bit_length() + 1


@pytest.mark.parametrize(("old", "new"), [(0, 5), (3, 2), (-1, 4)])
def test_sizes_that_make_no_sense_prove_nothing(old: int, new: int) -> None:
    root = leaf_hash(b"")

    assert not extends(old, root, new, root, [root])
