"""Refusals name input fields as the schema does, and codes that clients can match on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry.utils.str_converters import to_camel_case

from vereda.errors import ClientError, ErrorCode
from vereda.refusals import invalid, not_allowed, not_found, version_conflict

#: Clients match on these: one may be added, none may change or go.
STABLE_CODES = {
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "BAD_USER_INPUT",
    "BAD_CURSOR",
    "PAGE_TOO_LARGE",
    "IDEMPOTENCY_KEY_REUSED",
    "VERSION_CONFLICT",
    "SENSITIVE_TEXT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "SERVICE_UNAVAILABLE",
    "INTERNAL",
}


def test_no_error_code_was_renamed_or_lost() -> None:
    assert {code.value for code in ErrorCode} >= STABLE_CODES
    assert all(code.name == code.value for code in ErrorCode)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_an_error_for_clients_carries_its_code_and_what_else_it_is_given(code: ErrorCode) -> None:
    error = ClientError(code, "Do this.", {"maximum": 3})

    assert error.formatted == {"message": "Do this.", "extensions": {"code": code.value, "maximum": 3}}


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("name", "name"),
        ("postal_code", "postalCode"),
        ("zip3", "zip3"),
        ("address.postal_code", "address.postalCode"),
        ("postal_address.postal_code", "postalAddress.postalCode"),
        ("safe_hours.0.starts_at", "safeHours.0.startsAt"),
    ],
)
def test_a_field_is_named_by_its_path_in_the_api(field: str, shown: str) -> None:
    refusal = invalid(**{field: "is missing"})

    assert [(problem.field, problem.problem) for problem in refusal.problems] == [(shown, "is missing")]


@given(st.from_regex(re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*){0,4}"), fullmatch=True))
def test_a_field_is_named_as_the_schema_names_it(name: str) -> None:
    assert invalid(**{name: "is missing"}).problems[0].field == to_camel_case(name)


def test_problems_are_told_together_in_the_order_in_which_they_were_found() -> None:
    refusal = invalid(starts_at="is in the past", seats="must be 40 or fewer")

    assert refusal.code == "INVALID_INPUT"
    assert [problem.field for problem in refusal.problems] == ["startsAt", "seats"]


def test_what_is_absent_and_what_may_not_be_known_are_one_refusal_r16() -> None:
    assert not_found("referral").code == "NOT_FOUND"
    assert not_found("referral").message == "There is no such referral, or you may not know of it."


def test_the_other_refusals_have_codes_of_their_own() -> None:
    conflict = version_conflict(7)

    assert (conflict.code, conflict.current_version) == ("VERSION_CONFLICT", 7)
    assert not_allowed("Not yours.").code == "NOT_ALLOWED"
