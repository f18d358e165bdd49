"""Signing keys on disk: one folder a purpose, private JWKs readable by the owner alone, public keys in `jwks.json`.

The newest key signs; all of them verify, so that a new key can be added before the old one is taken away.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc.jwk import ECKey, KeySet

from vereda.errors import OperatorError

ALGORITHM: Final = "ES256"


class KeyRing:
    """The keys of one purpose (`transaction`, `access`, `consent`), made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _locked(folder / ".lock"):
            self.keys = self._read()
            if not self.keys:
                self._add()
                self.keys = self._read()
            self._publish()

    @property
    def signing_key(self) -> ECKey:
        return self.keys[-1]

    @property
    def key_set(self) -> KeySet:
        return KeySet(list(self.keys))

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set (RFC 7517 §5) of the public halves."""
        return {"keys": [_public(key) for key in self.keys]}

    def _read(self) -> list[ECKey]:
        keys = []
        for path in sorted(self.folder.glob("*.private.jwk")):
            try:
                keys.append(ECKey.import_key(orjson.loads(path.read_bytes())))
            except (ValueError, OSError) as error:
                raise OperatorError(f"The key file {path} cannot be read ({type(error).__name__}).") from None
        return keys

    def _add(self) -> None:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, private=True)
        key.ensure_kid()
        names = (path.name.split(".", 1)[0] for path in self.folder.glob("*.private.jwk"))
        number = max((int(name) for name in names if name.isdigit()), default=0) + 1
        _write_private(self.folder / f"{number:04d}.private.jwk", orjson.dumps(key.as_dict(private=True)))
        self._publish()

    def _publish(self) -> None:
        """Write `jwks.json` where it does not say what the key files say: after a start that was cut short, too."""
        path = self.folder / "jwks.json"
        content = orjson.dumps({"keys": [_public(key) for key in self._read()]})
        if not path.exists() or path.read_bytes() != content:
            _write_private(path, content)


def _public(key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}


def _write_private(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
