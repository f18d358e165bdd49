"""Whether a service can take one more, as far as the directory's statement and our own acceptances tell."""

from __future__ import annotations

#: Codes of the directory's capacity status that speak against sending.
_FULL = "NO_CAPACITY"


def may_send(capacity: str | None, available: int | None) -> bool:
    """Unknown room does not stop a referral: the provider looks at it and answers. Known fullness does."""
    return capacity != _FULL and (available is None or available > 0)


def places(capacity: str | None, available: int | None) -> int | None:
    """How many places a statement gives; None where it says nothing."""
    return 0 if capacity == _FULL else available


def may_accept(available: int | None, accepted_since: int) -> bool:
    """`available` places were open at the report; `accepted_since` of them have been taken after it."""
    return available is None or accepted_since < available
