"""Signing keys are made once, kept from everybody else's eyes, and published by their public halves alone."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import orjson
import pytest

from tests.kernel.signing import unpacked
from vereda.errors import OperatorError
from vereda.keylife import ANNOUNCED_S, KEPT_S, LONGEST_TOKEN_S
from vereda.keys import KeyRing, import_key
from vereda.settings import SigningAlgorithm
from vereda.signed import mint


def published(ring: KeyRing) -> list[str]:
    return [key["kid"] for key in orjson.loads((ring.folder / "jwks.json").read_bytes())["keys"]]


class Clock:
    """A wall clock that tests move, in Unix seconds."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first = KeyRing(tmp_path / "ring")

    assert KeyRing(tmp_path / "ring").signing_key.kid == first.signing_key.kid


def test_rings_that_are_first_opened_at_the_same_moment_agree(tmp_path: Path) -> None:
    together, seen = threading.Barrier(6), []

    def open_() -> None:
        together.wait()
        seen.append(KeyRing(tmp_path / "ring").signing_key.kid)

    threads = [threading.Thread(target=open_) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 6
    assert len(set(seen)) == 1


def test_private_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring")

    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700
    for path in ring.folder.glob("*.private.jwk"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_public_halves_are_published(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring")

    written = orjson.loads((ring.folder / "jwks.json").read_bytes())

    assert written == ring.public_jwks()
    assert [set(key) for key in written["keys"]] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]


def test_a_new_key_is_published_before_it_signs(tmp_path: Path, clock: Clock) -> None:
    ring = KeyRing(tmp_path / "ring", now=clock)
    first = ring.current.kid

    second = ring.rotate().kid

    assert published(ring) == [first, second]
    clock.at += ANNOUNCED_S - 1
    assert ring.current.kid == first
    clock.at += 1
    assert ring.current.kid == second


def test_a_replaced_key_is_published_for_as_long_as_its_tokens_live_and_then_deleted(
    tmp_path: Path, clock: Clock
) -> None:
    ring = KeyRing(tmp_path / "ring", now=clock)
    first = ring.current.kid
    second = ring.rotate().kid

    clock.at += ANNOUNCED_S + LONGEST_TOKEN_S
    assert [key["kid"] for key in ring.public_jwks()["keys"]] == published(ring) == [first, second]
    clock.at += KEPT_S - LONGEST_TOKEN_S

    assert [key["kid"] for key in ring.public_jwks()["keys"]] == published(ring) == [second]
    assert [path.name for path in ring.folder.glob("*.private.jwk")] == ["0002.private.jwk"]


def test_a_running_process_notices_within_a_second_what_a_command_did(tmp_path: Path, clock: Clock) -> None:
    running = KeyRing(tmp_path / "ring", now=clock)
    first = running.current.kid

    fresh = KeyRing(tmp_path / "ring", now=clock).rotate(after_s=1).kid
    clock.at += 1

    assert running.current.kid == fresh
    assert [key["kid"] for key in running.public_jwks()["keys"]] == [first, fresh]
    assert unpacked(mint(running, "test+jwt", {}, lifetime_s=60))[0]["kid"] == fresh


def test_processes_agree_on_which_key_signs(tmp_path: Path, clock: Clock) -> None:
    running = [KeyRing(tmp_path / "ring", now=clock) for _ in range(3)]
    signers = []
    for step in range(12):
        if step % 3 == 0:
            running[step % 2].rotate(after_s=ANNOUNCED_S)
        clock.at += ANNOUNCED_S / 2
        signers.append({ring.current.kid for ring in running})

    assert all(len(kids) == 1 for kids in signers)
    assert len(set.union(*signers)) == 5


def test_a_compromised_key_is_gone_at_once(tmp_path: Path, clock: Clock) -> None:
    running = KeyRing(tmp_path / "ring", now=clock)
    KeyRing(tmp_path / "ring", now=clock).rotate()

    at_once = KeyRing(tmp_path / "ring", now=clock)
    fresh = at_once.rotate(after_s=0, compromised=True)
    at_once.give_up_others(fresh)
    clock.at += 1

    assert published(running) == [fresh.kid]
    assert running.current.kid == fresh.kid
    assert len(list(running.folder.glob("*.private.jwk"))) == 1


def test_keys_that_cannot_be_read_any_more_leave_a_running_process_with_those_it_has(
    tmp_path: Path, clock: Clock
) -> None:
    ring = KeyRing(tmp_path / "ring", now=clock)
    first = ring.current.kid

    for name, content in (("0002.private.jwk", b"{"), ("0003.private.jwk", b'{"kty": "oct", "k": "AAAA"}')):
        (ring.folder / name).write_bytes(content)
        clock.at += 1
        assert ring.current.kid == first
        (ring.folder / name).unlink()
    (ring.folder / "0001.private.jwk").unlink()
    clock.at += 1

    assert ring.current.kid == first


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_keys_are_for_the_algorithm_that_the_settings_name(
    tmp_path: Path, algorithm: SigningAlgorithm
) -> None:
    ring = KeyRing(tmp_path / "ring", algorithm)

    assert {key["alg"] for key in ring.public_jwks()["keys"]} == {algorithm.value}
    assert unpacked(mint(ring, "test+jwt", {}, lifetime_s=60))[0]["alg"] == algorithm.value


def test_a_ring_changes_its_algorithm_with_a_rotation(tmp_path: Path, clock: Clock) -> None:
    KeyRing(tmp_path / "ring", SigningAlgorithm.ES256, now=clock)
    ring = KeyRing(tmp_path / "ring", SigningAlgorithm.ED25519, now=clock)

    ring.rotate()

    assert [key["alg"] for key in ring.public_jwks()["keys"]] == ["ES256", "Ed25519"]
    assert ring.current.algorithm is SigningAlgorithm.ES256
    clock.at += ANNOUNCED_S
    assert ring.current.algorithm is SigningAlgorithm.ED25519


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "ES384"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"use": "enc"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"kty": "oct"},
        {"kty": "RSA"},
        {"kty": None},
    ],
    ids=str,
)
def test_a_key_of_another_kind_or_for_another_use_is_none_of_ours(
    tmp_path: Path, change: dict[str, str]
) -> None:
    members = KeyRing(tmp_path / "ring").public_jwks()["keys"][0]

    assert import_key(members) is not None
    assert import_key({**members, **change}) is None


def test_nothing_is_signed_that_would_outlive_its_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="for more than"):
        mint(KeyRing(tmp_path / "ring"), "test+jwt", {}, lifetime_s=LONGEST_TOKEN_S + 1)


def test_a_start_that_was_cut_short_before_publishing_is_made_good(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring")
    (ring.folder / "jwks.json").unlink()

    assert published(KeyRing(ring.folder)) == [ring.signing_key.kid]


def test_a_new_key_never_takes_the_place_of_one_in_use(tmp_path: Path, clock: Clock) -> None:
    ring = KeyRing(tmp_path / "ring", now=clock)
    in_use = ring.rotate(after_s=0).kid
    (ring.folder / "0001.private.jwk").unlink()

    ring.rotate()

    assert published(ring)[0] == in_use
    assert len(published(ring)) == 2


def test_a_key_file_that_is_none_is_named_to_the_operator(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring")
    (ring.folder / "0001.private.jwk").write_text('{"kty": "EC"')

    with pytest.raises(OperatorError, match=r"0001\.private\.jwk cannot be read"):
        KeyRing(ring.folder)
