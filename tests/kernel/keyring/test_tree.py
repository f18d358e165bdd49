"""Single keys are cut out of one secret: those and no others are gone, whoever has what is left."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from vereda.keyring import KeyIds, Tree
from vereda.keyring.tree import _child

GROWN = Tree.grown()
#: Ids at random, and beside each other: as the first release made them, and as they are made now.
ids = st.one_of(st.uuids(), st.builds(lambda near: UUID(int=(0x0192 << 112) + near), st.integers(0, 200_000)))


@given(cut=st.sets(ids, max_size=30), kept=st.sets(ids, max_size=30))
def test_r22_what_was_cut_out_is_gone_and_everything_else_is_as_before(
    cut: set[UUID], kept: set[UUID]
) -> None:
    left = GROWN.without(cut)

    assert {id_: left.key(id_) for id_ in kept - cut} == {id_: GROWN.key(id_) for id_ in kept - cut}
    assert [left.key(id_) for id_ in cut] == [None] * len(cut)


@given(cut=st.lists(ids, min_size=1, max_size=8))
def test_r22_no_node_that_is_left_lies_above_a_key_that_was_cut_out(cut: list[UUID]) -> None:
    """A key is made from the nodes above it alone: so there must be none, and it must not be kept itself."""
    keys = [GROWN.key(id_) for id_ in cut]
    left = GROWN.without(cut)

    for id_, key in zip(cut, keys, strict=True):
        assert not any((depth, id_.int >> 128 - depth) in left._nodes for depth in range(129))
        assert key not in left._nodes.values()


@given(first=st.sets(ids, max_size=10), then=st.sets(ids, max_size=10))
def test_cutting_twice_or_in_any_order_is_the_same(first: set[UUID], then: set[UUID]) -> None:
    assert GROWN.without(first).without(then).pack() == GROWN.without(then | first).pack()
    assert GROWN.without(first).without(first).pack() == GROWN.without(first).pack()


@given(cut=st.sets(ids, max_size=10), asked=ids)
def test_it_is_the_same_after_it_was_written_and_read(cut: set[UUID], asked: UUID) -> None:
    left = GROWN.without(cut)

    read = Tree.unpack(left.pack())

    assert read.key(asked) == left.key(asked)
    assert read.pack() == left.pack()


def test_a_key_is_the_walk_down_the_bits_of_its_id() -> None:
    """The construction itself, once, by its definition."""
    id_ = KeyIds().next()
    (node,) = GROWN._nodes.values()
    for bit in f"{id_.int:0128b}":
        node = _child(node, int(bit))

    assert GROWN.key(id_) == node


def test_keys_differ_and_trees_differ() -> None:
    made = KeyIds()
    some = [made.next() for _ in range(1000)]

    assert len({GROWN.key(id_) for id_ in some}) == 1000
    assert GROWN.key(some[0]) != Tree.grown().key(some[0])


def test_ids_are_uuids_of_their_own_kind_in_rows() -> None:
    one, other = KeyIds(), KeyIds()
    first, second, elsewhere = one.next(), one.next(), other.next()

    assert (first.version, first.variant) == (8, RFC_4122)
    assert second.int == first.int + 1
    assert elsewhere.int >> 16 != first.int >> 16


def test_a_row_that_is_used_up_is_followed_by_another() -> None:
    made = KeyIds()
    many = [made.next() for _ in range((1 << 16) + 2)]

    assert len(set(many)) == len(many)
    assert many[-1].int >> 16 != many[0].int >> 16


def test_what_is_cut_out_beside_each_other_takes_no_more_room_than_what_is_left_beside_it() -> None:
    """A clinic's year: each client's keys are cut out some time, the oldest first, and the keyring stays small."""
    made = KeyIds()
    some = [made.next() for _ in range(3000)]

    assert len(GROWN.without(some)) <= 128
    every_other = GROWN.without(some[::2])
    assert len(every_other) <= 128 + 1500
    assert len(every_other.without(some[1::2])) <= 128
