"""What is sealed opens with its own key and context alone; handles and indexes tell one organisation only."""

from __future__ import annotations

from pathlib import Path
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vereda.sealing import LocalKeyProvider, SealBrokenError, new_key, seal, unseal
from vereda.secrets import Secrets

KEY = new_key()
texts = st.text(max_size=200)
contexts = st.binary(max_size=60)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> LocalKeyProvider:
    return LocalKeyProvider(Secrets(tmp_path_factory.mktemp("secrets")), "master")


@given(value=texts, context=contexts)
def test_what_is_sealed_opens_again(value: str, context: bytes) -> None:
    assert unseal(KEY, seal(KEY, value, context), context) == value


@given(value=texts, context=contexts, data=st.data())
def test_one_changed_bit_anywhere_breaks_the_seal(value: str, context: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, value, context))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SealBrokenError):
        unseal(KEY, bytes(sealed), context)


@given(value=texts, data=st.data())
def test_a_sealed_value_that_was_cut_short_does_not_open(value: str, data: st.DataObject) -> None:
    sealed = seal(KEY, value, b"")

    with pytest.raises(SealBrokenError):
        unseal(KEY, sealed[: data.draw(st.integers(0, len(sealed) - 1))], b"")


@given(value=texts, context=contexts, other=contexts)
def test_a_sealed_value_does_not_open_in_anothers_place(value: str, context: bytes, other: bytes) -> None:
    sealed = seal(KEY, value, context)

    for wrong in {other, context + b"\x00", context[:-1] or b"\x01"} - {context}:
        with pytest.raises(SealBrokenError):
            unseal(KEY, sealed, wrong)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBrokenError):
        unseal(new_key(), seal(KEY, "Marisol", b""), b"")


def test_equal_values_look_different_each_time() -> None:
    assert len({seal(KEY, "Marisol", b"") for _ in range(200)}) == 200


@given(key=st.binary(min_size=32, max_size=32), context=contexts, data=st.data())
def test_a_data_key_is_unwrapped_by_its_master_in_its_context_alone(
    master: LocalKeyProvider, key: bytes, context: bytes, data: st.DataObject
) -> None:
    wrapped = bytearray(master.wrap(key, context))
    assert master.unwrap(bytes(wrapped), context) == key

    with pytest.raises(SealBrokenError):
        master.unwrap(bytes(wrapped), context + b"x")
    wrapped[data.draw(st.integers(0, len(wrapped) - 1))] ^= 1
    with pytest.raises(SealBrokenError):
        master.unwrap(bytes(wrapped), context)


def test_the_master_key_is_the_same_after_a_restart_and_another_in_another_installation(
    tmp_path: Path,
) -> None:
    here, elsewhere = Secrets(tmp_path / "here"), Secrets(tmp_path / "elsewhere")
    wrapped = LocalKeyProvider(here, "master").wrap(KEY, b"client")

    assert LocalKeyProvider(here, "master").unwrap(wrapped, b"client") == KEY
    for other in (LocalKeyProvider(elsewhere, "master"), LocalKeyProvider(here, "another")):
        with pytest.raises(SealBrokenError):
            other.unwrap(wrapped, b"client")


@given(person=st.uuids(), one=st.uuids(), other=st.uuids())
def test_each_organisation_knows_a_person_by_a_stable_handle_of_its_own_r19(
    master: LocalKeyProvider, person: UUID, one: UUID, other: UUID
) -> None:
    handle = master.pairwise_id(person, one)

    assert handle == master.pairwise_id(person, one)
    assert (handle.version, handle.variant) == (8, RFC_4122)
    assert (handle == master.pairwise_id(person, other)) == (one == other)
    assert handle not in (person, one)


@given(value=texts, one=st.uuids(), other=st.uuids())
def test_a_blind_index_finds_an_equal_value_in_one_organisation_only(
    master: LocalKeyProvider, value: str, one: UUID, other: UUID
) -> None:
    token = master.blind_index(one, value)

    assert token == master.blind_index(one, value)
    assert (token == master.blind_index(other, value)) == (one == other)
    assert token != master.blind_index(one, value + " ")


def test_without_the_master_key_neither_handle_nor_index_can_be_guessed(
    tmp_path: Path, master: LocalKeyProvider
) -> None:
    stranger = LocalKeyProvider(Secrets(tmp_path), "master")
    id_ = UUID(int=1)

    assert stranger.pairwise_id(id_, id_) != master.pairwise_id(id_, id_)
    assert stranger.blind_index(id_, "559-555-0100") != master.blind_index(id_, "559-555-0100")
