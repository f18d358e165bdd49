"""The life of a signing key: announced, signing, kept for what it signed, taken away. Pure: time is an argument.

    announced        signs                          only verifies        taken away
    |-- ANNOUNCED_S --|----- until its successor ----|---- KEPT_S --------|

No good token is refused in a rotation, because every verifier has read the new key before it signs (`ANNOUNCED_S` is
longer than any cache of a key set), and has the old one for as long as what it signed may live (`KEPT_S`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

#: Between a key's publication and its first signature: twice the longest that a key set is cached (HTTP `max-age` 300).
ANNOUNCED_S: Final = 600.0
#: The longest that anything signed here lives; `vereda.signed.mint` refuses more.
LONGEST_TOKEN_S: Final = 3600
#: From its successor's first signature on: the longest life, and a minute for clocks that differ.
KEPT_S: Final = LONGEST_TOKEN_S + 60.0
#: After a theft nobody waits for ten minutes: for so long that every verifier can have read the new key (one that reads
#: from a URL asks again for a key it does not know after 10 s), and then for requests that carry what the old one signed.
HURRIED_S: Final = 12.0
UNDER_WAY_S: Final = 8.0


class Dated(Protocol):
    """A key that signs from `signs_from` (Unix seconds) on."""

    @property
    def signs_from(self) -> float: ...


K = TypeVar("K", bound=Dated)


def signing(keys: Sequence[K], now: float) -> K:
    """The key that signs at `now`: the newest whose time has come. `keys`: oldest first, at least one."""
    return next((key for key in reversed(keys) if key.signs_from <= now), keys[0])


def verifying(keys: Sequence[K], now: float) -> tuple[K, ...]:
    """The keys that are published at `now`: those announced, the one that signs, those whose tokens may still live."""
    return tuple(
        key for index, key in enumerate(keys) if (until := verifies_until(keys, index)) is None or now < until
    )


def verifies_until(keys: Sequence[Dated], index: int) -> float | None:
    """When the key at `index` is taken away; None while it has no successor."""
    return keys[index + 1].signs_from + KEPT_S if index + 1 < len(keys) else None
