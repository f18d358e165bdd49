"""What is wrapped opens with its own leaf, its own master and its own context, and with nothing less."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vereda.keyring import KeyIds, Keyring, KeyShreddedError
from vereda.keyring.document import UNVERSIONED, version_of
from vereda.sealing import SealBrokenError, encrypt, new_key

NOW = 1_800_000_000.0
RING = Keyring.grown(NOW)
IDS = KeyIds()
KEY = new_key()


@given(context=st.binary(max_size=60), data=st.data())
def test_a_data_key_opens_in_its_place_alone(context: bytes, data: st.DataObject) -> None:
    id_ = IDS.next()
    wrapped = bytearray(RING.wrap(id_, KEY, context, NOW))
    assert RING.unwrap(id_, bytes(wrapped), context) == KEY

    for place, about in ((id_, context + b"x"), (IDS.next(), context)):
        with pytest.raises(SealBrokenError):
            RING.unwrap(place, bytes(wrapped), about)
    wrapped[data.draw(st.integers(0, len(wrapped) - 1))] ^= 1
    with pytest.raises(SealBrokenError):
        RING.unwrap(id_, bytes(wrapped), context)


def test_a_new_master_wraps_from_its_time_on_and_the_old_one_goes_on_opening() -> None:
    id_ = IDS.next()
    before = RING.wrap(id_, KEY, b"", NOW)
    rotated = RING.rotated(NOW, after_s=30)

    assert version_of(rotated.wrap(id_, KEY, b"", NOW + 29)) == 1
    after = rotated.wrap(id_, KEY, b"", NOW + 30)
    assert (version_of(before), version_of(after)) == (1, 2)
    assert rotated.unwrap(id_, before, b"") == rotated.unwrap(id_, after, b"") == KEY
    assert rotated.rotated(NOW, 0).masters[-1].version == 3


def test_what_a_retired_master_wrapped_opens_no_more() -> None:
    id_ = IDS.next()
    before, retired = RING.wrap(id_, KEY, b"", NOW), RING.rotated(NOW, 0).retired([1])

    with pytest.raises(KeyShreddedError):
        retired.unwrap(id_, before, b"")
    assert retired.unwrap(id_, retired.wrap(id_, KEY, b"", NOW), b"") == KEY


def test_r22_a_key_that_was_shredded_opens_with_no_master() -> None:
    id_, other = IDS.next(), IDS.next()
    old, theirs = RING.wrap(id_, KEY, b"", NOW), RING.wrap(other, KEY, b"", NOW)
    rotated = RING.rotated(NOW, 0)
    new, left = rotated.wrap(id_, KEY, b"", NOW), rotated.shredded([id_])

    for wrapped in (old, new):
        with pytest.raises(KeyShreddedError):
            left.unwrap(id_, wrapped, b"")
    with pytest.raises(KeyShreddedError):
        left.wrap(id_, KEY, b"", NOW)
    assert left.unwrap(other, theirs, b"") == KEY


@given(person=st.uuids(), organization=st.uuids(), value=st.text(max_size=40))
def test_r19_handles_and_indexes_are_the_same_whatever_is_rotated_retired_or_shredded(
    person: UUID, organization: UUID, value: str
) -> None:
    later = RING.rotated(NOW, 0).retired([1]).shredded([person])

    assert later.pairwise_id(person, organization) == RING.pairwise_id(person, organization)
    assert later.blind_index(organization, value) == RING.blind_index(organization, value)


@given(value=st.text(max_size=40), one=st.uuids(), other=st.uuids())
def test_a_blind_index_finds_an_equal_value_in_one_organisation_only(
    value: str, one: UUID, other: UUID
) -> None:
    token = RING.blind_index(one, value)

    assert (token == RING.blind_index(other, value)) == (one == other)
    assert token != RING.blind_index(one, value + " ")
    assert token != Keyring.grown(NOW).blind_index(one, value)


def test_it_is_the_same_after_it_was_written_and_read() -> None:
    id_ = IDS.next()
    ring = RING.rotated(NOW, 60).shredded([IDS.next()])

    read = Keyring.load(ring.dump())

    assert read.masters == ring.masters
    assert read.unwrap(id_, ring.wrap(id_, KEY, b"c", NOW), b"c") == KEY
    assert read.pairwise_id(id_) == ring.pairwise_id(id_)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format":2}', b"\xff"])
def test_anything_else_is_no_keyring(content: bytes) -> None:
    with pytest.raises((ValueError, AttributeError)):
        Keyring.load(content)


def test_what_an_installation_wrapped_before_there_were_versions_opens_until_it_is_shredded() -> None:
    former, index = new_key(), new_key()
    ring, id_ = Keyring.grown(NOW, (former, index)), IDS.next()
    wrapped = encrypt(former, KEY, b"c")

    assert version_of(wrapped) == UNVERSIONED
    assert ring.unwrap(id_, wrapped, b"c") == KEY
    assert version_of(ring.wrap(id_, KEY, b"c", NOW)) == 1
    assert ring.index_key == index
    with pytest.raises(KeyShreddedError):
        ring.shredded([id_]).unwrap(id_, wrapped, b"c")
