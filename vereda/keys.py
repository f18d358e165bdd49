"""Signing keys on disk: one folder a purpose, private JWKs readable by the owner alone, public keys in `jwks.json`.

Several processes and replicas share a folder. One command adds a key, and all of them notice within a second; when it
signs, and when its predecessor is taken away, each of them computes from what is written in the files
(`vereda.keylife`).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey

from vereda.errors import OperatorError
from vereda.keylife import ANNOUNCED_S, signing, verifying
from vereda.settings import SERVICES, Settings, SigningAlgorithm
from vereda.telemetry import logger

#: The rings of a network: access tokens, transaction tokens, and each service's statements.
RINGS: Final = ("access", "transaction", *SERVICES)

Key: TypeAlias = ECKey | OKPKey
#: A key is for one algorithm, which its type and curve decide (RFC 8725 §3.1; RFC 7518 §3.4, RFC 9864 §2.2).
_ALGORITHMS: Final = {
    ("EC", "P-256"): SigningAlgorithm.ES256,
    ("OKP", "Ed25519"): SigningAlgorithm.ED25519,
}
#: How a key set is answered over HTTP; a new key is announced for longer than this (`vereda.keylife`).
KEYS_CACHED: Final = {"Cache-Control": "public, max-age=300"}
_PRIVATE: Final = ".private.jwk"
_LOOK_EVERY_S: Final = 1.0

_log = logger("keys")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs from `signs_from` (Unix seconds) until its successor does."""

    number: int
    key: Key
    algorithm: SigningAlgorithm
    signs_from: float

    @property
    def kid(self) -> str:
        return str(self.key.kid)

    def public(self) -> dict[str, Any]:
        """The public JWK (RFC 7517 §4)."""
        members = self.key.as_dict(private=False)
        members.pop("nbf", None)
        return {**members, "use": "sig", "alg": self.algorithm}


def import_key(members: Any) -> tuple[Key, SigningAlgorithm] | None:
    """The key of a JWK and the one algorithm that it is for; None for what is no signing key of a kind that we use.

    Raises: ValueError, JoseError when its members make no key.
    """
    if not isinstance(members, dict):
        return None
    algorithm = _ALGORITHMS.get((str(members.get("kty")), str(members.get("crv"))))
    if algorithm is None or members.get("use", "sig") != "sig" or members.get("alg", algorithm) != algorithm:
        return None
    key = JWKRegistry.import_key(members)
    return (key, algorithm) if isinstance(key, ECKey | OKPKey) else None


class KeyRing:
    """The keys of one purpose, made on first use. `now`: the clock, in Unix seconds."""

    def __init__(
        self,
        folder: Path,
        algorithm: SigningAlgorithm = SigningAlgorithm.ES256,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self._algorithm = algorithm
        self._now = now
        self._looked_at = now()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(folder):
            if not _names(folder):
                self._add(signs_from=self._now())
            self._take(_names(folder))
            self._tidy()

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """All that are on disk, oldest first."""
        self._look()
        return self._keys

    @property
    def current(self) -> SigningKey:
        """The key to sign with at this moment."""
        return signing(self.keys, self._now())

    @property
    def state(self) -> tuple[str, ...]:
        """What changes, within a second, when a key is added or taken away and when another begins to sign: what was signed
        before may be good no more. Every request asks for it."""
        self._look()
        return self._state

    @property
    def signing_key(self) -> Key:
        return self.current.key

    @property
    def key_set(self) -> KeySet:
        return KeySet([one.key for one in verifying(self.keys, self._now())])

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set (RFC 7517 §5) of the public halves of all keys that verify at this moment."""
        return {"keys": [one.public() for one in verifying(self.keys, self._now())]}

    def rotate(self, after_s: float = ANNOUNCED_S, *, compromised: bool = False) -> SigningKey:
        """Add a key that signs `after_s` from now; where others are `compromised`, not later than one that was announced
        before. Those are then to be given up (`give_up_others`)."""
        with _locked(self.folder):
            self._take(_names(self.folder))
            now = self._now()
            begins = now + after_s if compromised else max(now + after_s, self._keys[-1].signs_from)
            fresh = self._add(signs_from=begins, beside=verifying(self._keys, now))
            self._take(_names(self.folder))
            self._tidy()
        return fresh

    def give_up_others(self, kept: SigningKey) -> None:
        """Take away all keys but `kept` and those added after it: what they signed is refused from now on."""
        with _locked(self.folder):
            self._take(_names(self.folder))
            _remove(self.folder, (one for one in self._keys if one.number < kept.number))
            self._take(_names(self.folder))
            self._tidy()

    def _look(self) -> None:
        """Notice, at most every second, what another process added or took away, and whose time is over."""
        now = self._now()
        if abs(now - self._looked_at) < _LOOK_EVERY_S:
            return
        self._looked_at = now
        try:
            self._look_at_files(now)
        except (OperatorError, OSError) as error:  # the keys at hand go on signing
            _log.error("keys cannot be read", ring=self.folder.name, kind=type(error).__name__)
        self._state = self._state_at(now)

    def _look_at_files(self, now: float) -> None:
        changed = _names(self.folder) != self._names
        if not changed and len(verifying(self._keys, now)) == len(self._keys):
            return
        with _locked(self.folder, wait=False) as taken:
            if taken:  # else somebody is at work there; the next second will do
                self._take(_names(self.folder))
                self._tidy()

    def _state_at(self, now: float) -> tuple[str, ...]:
        return (*self._names, signing(self._keys, now).kid)

    def _take(self, names: tuple[str, ...]) -> None:
        """Read these key files. A ring whose folder was emptied goes on with what it has."""
        if names:
            self._keys = tuple(_read(self.folder / name) for name in names)
        self._names = names

    def _tidy(self) -> None:
        """Take away the keys whose time is over, and make `jwks.json` say what is left. The caller holds the lock."""
        kept = verifying(self._keys, self._now())
        self._publish(kept)
        _remove(self.folder, (one for one in self._keys if one not in kept))
        self._keys, self._names = kept, _names(self.folder)
        self._state = self._state_at(self._now())

    def _add(self, *, signs_from: float, beside: Iterable[SigningKey] = ()) -> SigningKey:
        """A new key on disk. Its public half is published first, so that nobody signs with what others cannot know."""
        number = max((int(name.split(".")[0]) for name in _names(self.folder)), default=0) + 1
        parameters: Any = {"use": "sig", "alg": self._algorithm, "nbf": int(signs_from)}
        type_, curve = next(kind for kind, algorithm in _ALGORITHMS.items() if algorithm == self._algorithm)
        key = JWKRegistry.generate_key(type_, curve, parameters, auto_kid=True)
        assert isinstance(key, ECKey | OKPKey)
        fresh = SigningKey(number, key, self._algorithm, int(signs_from))
        self._publish((*beside, fresh))
        _write_private(self.folder / f"{number:04d}{_PRIVATE}", orjson.dumps(key.as_dict(private=True)))
        return fresh

    def _publish(self, keys: Iterable[SigningKey]) -> None:
        path = self.folder / "jwks.json"
        content = orjson.dumps({"keys": [one.public() for one in keys]})
        if not path.exists() or path.read_bytes() != content:
            _write_private(path, content)


def key_ring(settings: Settings, ring: str) -> KeyRing:
    """A ring of this installation. New keys are of the algorithm that the settings name."""
    return KeyRing(settings.keys / ring, settings.signing_algorithm)


def _names(folder: Path) -> tuple[str, ...]:
    """Key files are written once and never changed: their names tell whether anything did."""
    names = (name for name in os.listdir(folder) if name.endswith(_PRIVATE) and name.split(".")[0].isdigit())
    return tuple(sorted(names, key=lambda name: int(name.split(".")[0])))


def _read(path: Path) -> SigningKey:
    try:
        members = orjson.loads(path.read_bytes())
        found = import_key(members)
        if found is None:
            raise ValueError("no signing key")
        key, algorithm = found
        key.ensure_kid()
        return SigningKey(int(path.name.split(".")[0]), key, algorithm, float(members.get("nbf", 0)))
    except (ValueError, TypeError, OSError, JoseError) as error:
        raise OperatorError(f"The key file {path} cannot be read ({type(error).__name__}).") from None


def _remove(folder: Path, keys: Iterable[SigningKey]) -> None:
    for one in keys:
        with suppress(FileNotFoundError):
            (folder / f"{one.number:04d}{_PRIVATE}").unlink()


def _write_private(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[bool]:
    """Yields whether the folder's lock was taken: always so with `wait`."""
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
