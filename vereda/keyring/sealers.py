"""What protects the keyring where it lies: a key-encryption key (KEK) of the operator's, or nothing but its file's mode.

An adapter seals the keyring's bytes into text and opens that again. Those that can do it without asking anybody are
local: the keyring is then read where it is needed, and what they are asked is answered at once.
"""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from vereda.errors import OperatorError
from vereda.sealing import SealBrokenError, decrypt, encrypt

_CONTEXT: Final = b"vereda keyring"
_KEK_BYTES: Final = 32


class LocalSealer(ABC):
    """Raises, of `unseal`: OperatorError when the keyring does not open with what the operator gave."""

    name: ClassVar[str]

    @abstractmethod
    def seal(self, content: bytes) -> str: ...

    @abstractmethod
    def unseal(self, sealed: str) -> bytes: ...


class RemoteSealer(ABC):
    """Raises, of each: KeysAwayError when the service does not answer, or not to us."""

    name: ClassVar[str]

    @abstractmethod
    async def seal(self, content: bytes) -> str: ...

    @abstractmethod
    async def unseal(self, sealed: str) -> bytes: ...

    @abstractmethod
    async def renew(self, sealed: str) -> str:
        """The same under the service's newest key, without its being opened here."""


Sealer = LocalSealer | RemoteSealer


class OpenFile(LocalSealer):
    """The keyring lies open in a file that its owner alone can read: who has the file and the database has everything."""

    name = "file"

    def seal(self, content: bytes) -> str:
        return base64.b64encode(content).decode()

    def unseal(self, sealed: str) -> bytes:
        return base64.b64decode(sealed)


@dataclass(frozen=True, slots=True)
class Kek:
    """A key-encryption key with a name that an operator chose, such as `2026`."""

    name: str
    key: bytes


class FromEnvironment(LocalSealer):
    """Sealed with AES-256-GCM under a key that the environment of the process holds: `VEREDA_KEYRING_KEYS`.

    The first seals; all open. So a key is replaced by putting another before it, sealing anew, and taking it away.
    """

    name = "environment"

    def __init__(self, keys: Sequence[Kek]) -> None:
        self._keys = {key.name: key for key in keys}
        self._first = keys[0]

    def seal(self, content: bytes) -> str:
        sealed = encrypt(self._first.key, content, _CONTEXT)
        return f"{self._first.name}:{base64.b64encode(sealed).decode()}"

    def unseal(self, sealed: str) -> bytes:
        name, _, content = sealed.partition(":")
        kek = self._keys.get(name)
        if kek is None:
            raise OperatorError(
                f"The keyring is sealed with the key `{name}`: VEREDA_KEYRING_KEYS does not have it."
            )
        try:
            return decrypt(kek.key, base64.b64decode(content), _CONTEXT)
        except SealBrokenError:
            raise OperatorError(
                f"The key `{name}` of VEREDA_KEYRING_KEYS does not open the keyring: it is another one."
            ) from None


def read_keks(said: str) -> list[Kek]:
    """`2026:<base64 of 32 bytes>,2025:<...>`. Raises: OperatorError, without the keys, when it is not written so."""
    keks = []
    for part in said.split(","):
        name, _, written = part.strip().partition(":")
        try:
            key = base64.b64decode(written, validate=True)
        except ValueError:
            key = b""
        if not name or len(key) != _KEK_BYTES:
            raise OperatorError(
                "VEREDA_KEYRING_KEYS makes no sense: it is a list of `name:key`, with commas between them, and each key is"
                " 32 random bytes in base64 (`openssl rand -base64 32`)."
            )
        keks.append(Kek(name, key))
    return keks
