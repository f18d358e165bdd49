"""The keyring as one process holds it: read, kept for less than a minute, and changed by one process at a time.

It lies in a file that all processes share. A local one is looked at again every second, and at once when something is
wrapped by a version that is not known yet. One that a key management service opens is asked for again every fifteen
seconds, and forgotten when that did not succeed for a minute: who takes away our token, or seals the service, has closed
every client's data within that time (R9).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from vereda.errors import OperatorError
from vereda.keyring.away import KeysAwayError
from vereda.keyring.document import Keyring, KeyShreddedError
from vereda.keyring.sealers import RemoteSealer, Sealer
from vereda.telemetry import logger

#: How long a keyring that a service opened is used without its opening it again.
KEPT_S: Final = 60.0
ASKED_EVERY_S: Final = 15.0
#: A new version wraps only when every process knows it.
ANNOUNCED_S: Final = 2 * ASKED_EVERY_S
_LOOKED_EVERY_S: Final = 1.0
_TRIES: Final = 3
_log = logger("keys")


@dataclass(frozen=True, slots=True)
class _Held:
    keyring: Keyring
    stamp: tuple[int, int, int]
    opened_at: float


class Keys:
    """Raises, of everything: KeysAwayError; OperatorError when the file is not what it should be."""

    def __init__(
        self,
        path: Path,
        sealers: Mapping[str, Sealer],
        seals: str,
        unversioned: Callable[[], tuple[bytes, bytes] | None] = lambda: None,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seals`: which of the sealers seals from now on; the others open what they sealed before.

        `unversioned`: the wrapping and the index key of an installation from before there were keyrings.
        """
        self.path = path
        self._sealers = sealers
        self._seals = sealers[seals]
        self._unversioned = unversioned
        self.now = now
        self._monotonic = monotonic
        self._held: _Held | None = None
        self._looked_at = 0.0
        self._asking: asyncio.Task[None] | None = None

    @property
    def is_local(self) -> bool:
        return not isinstance(self._seals, RemoteSealer)

    def current(self, *, anew: bool = False) -> Keyring:
        """The keyring now. `anew`: look whether it has changed this moment, where that can be done at once."""
        moment = self._monotonic()
        if self.is_local and (anew or self._held is None or moment - self._looked_at >= _LOOKED_EVERY_S):
            self._look(moment)
        held = self._held
        if held is None or (not self.is_local and moment - held.opened_at > KEPT_S):
            raise KeysAwayError("the keyring was not opened lately")
        return held.keyring

    def wrap(self, id_: UUID, key: bytes, context: bytes) -> bytes:
        return self.current().wrap(id_, key, context, self.now())

    def unwrap(self, id_: UUID, wrapped: bytes, context: bytes) -> bytes:
        """Raises: SealBrokenError, and of it KeyShreddedError."""
        try:
            return self.current().unwrap(id_, wrapped, context)
        except KeyShreddedError:  # or wrapped by a version that is new
            return self.current(anew=True).unwrap(id_, wrapped, context)

    async def refresh(self) -> None:
        """Open it again, and make it when there is none."""
        if self.is_local:
            self._look(self._monotonic())
            return
        if not self.path.exists():
            await self.change(lambda keyring: keyring)
        began, stamp, (by, sealed) = self._monotonic(), self._stamp(), self._read()
        keyring = Keyring.load(await self._open(by, sealed))
        self._held = _Held(keyring, stamp, began)
        if by != self._seals.name:
            await self.change(lambda keyring: keyring)  # sealed by the former sealer: seal it by ours

    async def change(self, made: Callable[[Keyring], Keyring]) -> Keyring:
        """Replace the keyring by what `made` makes of it; on disk before this returns. The former one is overwritten."""
        async with self._alone():
            if self.path.exists():
                keyring = made(Keyring.load(await self._open(*self._read())))
            else:
                keyring = made(Keyring.grown(self.now(), self._unversioned()))
            seals = self._seals
            if isinstance(seals, RemoteSealer):
                self._write(seals.name, await seals.seal(keyring.dump()))
            else:
                self._write(seals.name, seals.seal(keyring.dump()))
            self._held = _Held(keyring, self._stamp(), self._monotonic())
            return keyring

    async def reseal(self) -> None:
        """Seal the file under the newest key of what seals it: after that key was rotated, or replaced."""
        async with self._alone():
            by, sealed = self._read()
            if isinstance(self._seals, RemoteSealer) and by == self._seals.name:
                self._write(by, await self._seals.renew(sealed))
                return
        await self.change(lambda keyring: keyring)

    async def check(self) -> None:
        """For the readiness probe."""
        if self.is_local:
            self.current()
        else:
            await self.refresh()

    def begin(self) -> None:
        """Ask again and again, as long as this process runs; a local one is looked at without that."""
        if not self.is_local:
            self._asking = asyncio.create_task(self._ask_again())

    async def end(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask_again(self) -> None:
        while True:
            try:
                await self.refresh()
            except (KeysAwayError, OperatorError) as error:
                _log.error("keys away", why=str(error))
            await asyncio.sleep(ASKED_EVERY_S)

    def _look(self, moment: float) -> None:
        if not self.path.exists():
            self._make()
        for _ in range(_TRIES):
            stamp = self._stamp()
            if self._held is not None and self._held.stamp == stamp:
                break
            try:
                by, sealed = self._read()
                keyring = Keyring.load(self._open_now(by, sealed))
            except (ValueError, KeyError):
                continue  # replaced while it was read
            self._held = _Held(keyring, stamp, moment)
            if by != self._seals.name:
                with self._lock():
                    self._write(self._seals.name, self._seal_now(keyring))
        else:
            raise OperatorError(
                f"The keyring {self.path} is damaged: restore it, or nothing of clients can be read."
            )
        self._looked_at = moment

    def _make(self) -> None:
        with self._lock():
            if not self.path.exists():
                self._write(self._seals.name, self._seal_now(Keyring.grown(self.now(), self._unversioned())))

    def _seal_now(self, keyring: Keyring) -> str:
        seals = self._seals
        assert not isinstance(seals, RemoteSealer)
        return seals.seal(keyring.dump())

    def _open_now(self, by: str, sealed: str) -> bytes:
        sealer = self._sealer(by)
        if isinstance(sealer, RemoteSealer):
            raise OperatorError(
                f"The keyring is sealed by the key management service: set VEREDA_KEY_PROVIDER={by}."
            )
        return sealer.unseal(sealed)

    async def _open(self, by: str, sealed: str) -> bytes:
        sealer = self._sealer(by)
        return await sealer.unseal(sealed) if isinstance(sealer, RemoteSealer) else sealer.unseal(sealed)

    def _sealer(self, by: str) -> Sealer:
        if by not in self._sealers:
            raise OperatorError(
                f"The keyring {self.path} is sealed by `{by}`, of which the settings say nothing."
            )
        return self._sealers[by]

    def _read(self) -> tuple[str, str]:
        try:
            found = orjson.loads(self.path.read_bytes())
        except OSError as error:
            raise OperatorError(f"The keyring {self.path} cannot be read ({error.strerror}).") from None
        return found["sealedBy"], found["content"]

    def _stamp(self) -> tuple[int, int, int]:
        try:
            found = self.path.stat()
        except OSError as error:
            raise OperatorError(f"The keyring {self.path} cannot be read ({error.strerror}).") from None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _write(self, by: str, sealed: str) -> None:
        """Into place whole; then what was there before is overwritten, for what that is worth on this disk."""
        descriptor, fresh = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps({"sealedBy": by, "content": sealed}))
            file.flush()
            os.fsync(descriptor)
        former = os.open(self.path, os.O_WRONLY) if self.path.exists() else None
        os.replace(fresh, self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        if former is not None:
            os.pwrite(former, os.urandom(os.fstat(former).st_size), 0)
            os.fsync(former)
            os.close(former)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        descriptor = self._lock_file()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        descriptor = self._lock_file()
        try:
            await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _lock_file(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise OperatorError(
                f"The folder {self.path.parent} cannot be used ({error.strerror}): the keyring belongs there."
            ) from None
