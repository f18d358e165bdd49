"""Ids are UUIDv7: sortable by time, the same on every run where they are seeded, opaque in the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vereda.errors import ClientError, ErrorCode
from vereda.ids import new_id, parse_id, seeded_id

instants = st.datetimes(
    min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)


def milliseconds(id_: UUID) -> int:
    return id_.int >> 80


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [new_id() for _ in range(5_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_new_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    before = int(datetime.now(UTC).timestamp() * 1000)
    id_ = new_id()

    assert (id_.version, id_.variant) == (7, RFC_4122)
    assert before <= milliseconds(id_) <= before + 60_000


def test_a_seeded_id_never_changes() -> None:
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    assert seeded_id("client", "Marisol", at) == UUID("019ca8bb-b5c0-73c1-a7dd-69967034ae4d")


@given(kind=st.text(), name=st.text(), at=instants)
def test_a_seeded_id_is_a_uuid_of_version_7_of_its_instant(kind: str, name: str, at: datetime) -> None:
    id_ = seeded_id(kind, name, at)

    assert id_ == seeded_id(kind, name, at)
    assert (id_.version, id_.variant) == (7, RFC_4122)
    assert abs(milliseconds(id_) - at.timestamp() * 1000) <= 1


@given(at=instants, later=st.timedeltas(min_value=timedelta(milliseconds=2), max_value=timedelta(days=9000)))
def test_seeded_ids_sort_by_their_instants(at: datetime, later: timedelta) -> None:
    assert seeded_id("a", "z", at) < seeded_id("z", "a", at + later)


def test_seeded_ids_of_other_things_at_the_same_instant_differ() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)

    names = [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", "")]

    assert len({seeded_id(kind, name, at) for kind, name in names}) == len(names)


@given(st.uuids())
def test_an_id_comes_back_from_the_text_that_the_api_gave(id_: UUID) -> None:
    assert parse_id(str(id_), "id") == id_


@pytest.mark.parametrize(
    "given_", ["", "canary", "1", "019c", None, 7, [], {"id": "canary"}, "\x00", "é" * 36]
)
def test_what_is_no_id_is_refused_by_the_fields_name_and_not_by_its_content_r34(given_: object) -> None:
    with pytest.raises(ClientError, match="`referral` is not an id") as refused:
        parse_id(given_, "referral")

    assert refused.value.code is ErrorCode.BAD_USER_INPUT
    assert "canary" not in str(refused.value.formatted)
