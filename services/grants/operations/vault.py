"""The keys of documents: each document has one, wrapped by this service's own keyring and kept in its row.

It is unwrapped anew from the row that row-level security shows, each time that something is opened (R9).
"""

from __future__ import annotations

from functools import cache
from typing import Final
from uuid import UUID

from services.grants.models import GrantDocument
from vereda.keyring import KeyIds, Keys, open_keys
from vereda.sealing import SealBrokenError, decrypt, encrypt, new_key, seal, unseal
from vereda.settings import Settings

_IDS: Final = KeyIds()


class Vault:
    """Raises, of everything: KeysAwayError."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    def make(self, application: UUID, name: str) -> tuple[UUID, bytes, bytes]:
        """A new document's id, its key wrapped, and its name sealed."""
        id_, key = _IDS.next(), new_key()
        context = _context(id_, application)
        return id_, self.keys.wrap(id_, key, context), seal(key, name, context)

    def name(self, row: GrantDocument) -> str | None:
        """What a document is called; None where its key is destroyed."""
        if row.wrapped is None:
            return None
        context = _context(row.id, row.application_id)
        try:
            return unseal(self.keys.unwrap(row.id, row.wrapped, context), row.name_sealed, context)
        except SealBrokenError:
            return None

    def seal(self, row: GrantDocument, piece: bytes, place: bytes) -> bytes:
        """Raises: SealBrokenError where the key is destroyed."""
        if row.wrapped is None:
            raise SealBrokenError
        context = _context(row.id, row.application_id)
        return encrypt(self.keys.unwrap(row.id, row.wrapped, context), piece, context + place)

    def open(self, row: GrantDocument, sealed: bytes, place: bytes) -> bytes | None:
        """Bytes of a document; None where its key is destroyed, or they were sealed for another place."""
        if row.wrapped is None:
            return None
        context = _context(row.id, row.application_id)
        try:
            return decrypt(self.keys.unwrap(row.id, row.wrapped, context), sealed, context + place)
        except SealBrokenError:
            return None

    def rewrap(self, row: GrantDocument) -> bytes | None:
        """Its key wrapped by the newest master; None where it does not open, as it did not before."""
        if row.wrapped is None:
            return None
        context = _context(row.id, row.application_id)
        try:
            return self.keys.wrap(row.id, self.keys.unwrap(row.id, row.wrapped, context), context)
        except SealBrokenError:
            return None


def vault(settings: Settings) -> Vault:
    return _vault(open_keys(settings, "grants"))


@cache
def _vault(keys: Keys) -> Vault:
    return Vault(keys)


def _context(id_: UUID, application: UUID) -> bytes:
    return id_.bytes + application.bytes
