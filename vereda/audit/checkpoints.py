"""Signed checkpoints: how many entries there are, and the one hash that stands for all of them.

A compact JWS (RFC 7515) of type `audit-checkpoint+jwt` with the claims `iss` (`urn:vereda:referrals`), `iat` (Unix
seconds), `size` and `root` (hexadecimal). It has no end: who kept one can ask years later whether it still holds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc import jws
from joserfc.errors import JoseError

from vereda.keys import KeyRing, import_key
from vereda.settings import Settings

TYPE: Final = "audit-checkpoint+jwt"
_MEMBERS: Final = frozenset({"alg", "typ", "kid"})


class CheckpointRefusedError(Exception):
    """It is no checkpoint of this service, or nobody whom we trust signed it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`statement` as it was signed; `key`: the public JWK that it verifies with."""

    service: str
    size: int
    root: bytes
    made_at: int
    statement: str
    key: dict[str, Any]

    def row(self) -> dict[str, Any]:
        """Its columns."""
        return {
            "size": self.size,
            "root": self.root,
            "statement": self.statement,
            "key": orjson.dumps(self.key).decode(),
        }


def sign(keys: KeyRing, service: str, size: int, root: bytes, now: float | None = None) -> Checkpoint:
    """A checkpoint of the tree of `size` leaves with this root, signed with the current key of the ring."""
    current, made_at = keys.current, int(time.time() if now is None else now)
    header = {"alg": current.algorithm.value, "typ": TYPE, "kid": current.kid}
    claims = {"iss": _issuer(service), "iat": made_at, "size": size, "root": root.hex()}
    statement = jws.serialize_compact(
        header, orjson.dumps(claims), current.key, algorithms=[current.algorithm.value]
    )
    return Checkpoint(service, size, root, made_at, statement, current.public())


def read(statement: str, keys: Iterable[Mapping[str, Any]], service: str) -> Checkpoint:
    """What a checkpoint of `service` says, verified with one of `keys` (public JWKs).

    Raises: CheckpointRefusedError.
    """
    try:
        unverified = jws.extract_compact(statement.encode())
        header = unverified.protected
        if header.keys() != _MEMBERS or header["typ"] != TYPE:
            raise CheckpointRefusedError("header")
        members = next((dict(one) for one in keys if one.get("kid") == header["kid"]), None)
        found = import_key(members)
        if members is None or found is None:
            raise CheckpointRefusedError("key")
        key, algorithm = found
        content = jws.deserialize_compact(statement, key, algorithms=[algorithm.value]).payload
        claims = orjson.loads(content)
        if claims["iss"] != _issuer(service):
            raise CheckpointRefusedError("issuer")
        root = bytes.fromhex(claims["root"])
        return Checkpoint(service, int(claims["size"]), root, int(claims["iat"]), statement, members)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CheckpointRefusedError(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Kept:
    """What an installation keeps beside its database: the newest statement that it signed, every key that it signed with."""

    statement: str | None = None
    keys: tuple[dict[str, Any], ...] = ()


def kept(settings: Settings, service: str) -> Kept:
    """Raises: OSError, ValueError, KeyError when the file is there and cannot be read."""
    path = _kept_file(settings, service)
    if not path.exists():
        return Kept()
    found = orjson.loads(path.read_bytes())
    return Kept(found["statement"], tuple(found["keys"]))


def keep(settings: Settings, service: str, checkpoint: Checkpoint) -> None:
    path, before = _kept_file(settings, service), kept(settings, service)
    keys = [one for one in before.keys if one["kid"] != checkpoint.key["kid"]]
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(f".{os.getpid()}")
    content = {"statement": checkpoint.statement, "keys": [*keys, checkpoint.key]}
    temporary.write_bytes(orjson.dumps(content))
    temporary.replace(path)


def _kept_file(settings: Settings, service: str) -> Path:
    return settings.home / "audit" / f"{service}.json"


def _issuer(service: str) -> str:
    return f"urn:vereda:{service}"
