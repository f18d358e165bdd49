"""Signing keys are made once, kept from everybody else's eyes, and published by their public halves alone."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import orjson
import pytest

from tests.kernel.signing import rotated
from vereda.errors import OperatorError
from vereda.keys import KeyRing


def published(ring: KeyRing) -> list[str]:
    return [key["kid"] for key in orjson.loads((ring.folder / "jwks.json").read_bytes())["keys"]]


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


def test_the_newest_key_signs_and_all_are_published(tmp_path: Path) -> None:
    old = KeyRing(tmp_path / "ring")

    new = rotated(old, tmp_path / "elsewhere")

    assert new.signing_key.kid != old.signing_key.kid
    assert published(new) == [old.signing_key.kid, new.signing_key.kid]


def test_a_start_that_was_cut_short_before_publishing_is_made_good(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring")
    (ring.folder / "jwks.json").unlink()

    assert published(KeyRing(ring.folder)) == [ring.signing_key.kid]


def test_a_new_key_never_takes_the_place_of_one_in_use(tmp_path: Path) -> None:
    ring = rotated(KeyRing(tmp_path / "ring"), tmp_path / "elsewhere")
    in_use = ring.signing_key.kid
    (ring.folder / "0001.private.jwk").unlink()

    ring._add()

    assert in_use in published(KeyRing(ring.folder))
    assert len(published(ring)) == 2


def test_a_key_file_that_is_none_is_named_to_the_operator(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "ring")
    (ring.folder / "0001.private.jwk").write_text('{"kty": "EC"')

    with pytest.raises(OperatorError, match=r"0001\.private\.jwk cannot be read"):
        KeyRing(ring.folder)
