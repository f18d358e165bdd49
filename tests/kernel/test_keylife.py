"""The timeline of a signing key: whatever is rotated and whenever, no good token is refused and no key stays for ever."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from vereda.keylife import ANNOUNCED_S, KEPT_S, LONGEST_TOKEN_S, signing, verifies_until, verifying
from vereda.keys import KEYS_CACHED

#: How late a process may notice what another one did in the folder of keys.
NOTICED_S = 1.0


@dataclass(frozen=True)
class Key:
    number: int
    published_at: float
    signs_from: float


@dataclass(frozen=True)
class Ring:
    """The keys of a ring as rotations made them, and what of them each moment shows."""

    keys: tuple[Key, ...]

    def on_disk(self, at: float) -> list[Key]:
        return [key for key in self.keys if key.published_at <= at]

    def signed_with(self, at: float, noticed: float) -> Key:
        """By a process that last looked at its folder `noticed` seconds before."""
        return signing(self.on_disk(at - noticed), at)

    def published(self, at: float) -> tuple[Key, ...]:
        return verifying(self.on_disk(at), at)


@st.composite
def rings(draw: st.DrawFn) -> Ring:
    """A first key, and up to six rotations at any distance from each other, each announced for the default time."""
    keys = [Key(1, 0.0, 0.0)]
    for pause in draw(st.lists(st.floats(0, 9_000), max_size=6)):
        at = keys[-1].published_at + pause
        keys.append(Key(len(keys) + 1, at, max(at + ANNOUNCED_S, keys[-1].signs_from)))
    return Ring(tuple(keys))


CACHED_S = float(KEYS_CACHED["Cache-Control"].rpartition("=")[2])


@given(
    ring=rings(),
    minted=st.floats(NOTICED_S, 60_000),
    noticed=st.floats(0, NOTICED_S),
    age=st.floats(0, LONGEST_TOKEN_S),
    cached=st.floats(0, CACHED_S),
)
def test_no_good_token_is_refused_however_old_the_verifiers_copy_of_the_keys(
    ring: Ring, minted: float, noticed: float, age: float, cached: float
) -> None:
    key = ring.signed_with(minted, noticed)
    checked = minted + age

    assert key in ring.published(max(0.0, checked - cached))


@given(ring=rings(), at=st.floats(0, 60_000))
def test_one_key_signs_and_it_is_published(ring: Ring, at: float) -> None:
    assert ring.signed_with(at, 0) in ring.published(at)


@given(ring=rings())
def test_the_newest_key_signs_in_the_end_and_is_alone(ring: Ring) -> None:
    end = ring.keys[-1].signs_from + KEPT_S

    assert ring.published(end) == (ring.keys[-1],)
    assert ring.signed_with(end, 0) == ring.keys[-1]


@given(ring=rings(), at=st.floats(0, 60_000))
def test_a_replaced_key_is_taken_away_once_nothing_that_it_signed_can_live(ring: Ring, at: float) -> None:
    for index, key in enumerate(ring.keys):
        until = verifies_until(ring.keys, index)
        if until is not None and at >= until:
            assert key not in ring.published(at)


def test_a_key_is_announced_for_longer_than_anybody_caches_the_keys() -> None:
    assert ANNOUNCED_S > CACHED_S + NOTICED_S
