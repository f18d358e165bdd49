"""The keys of sealed fields: made with the client, found again under row-level security, destroyed on revocation.

A data key is unwrapped anew from the row that row-level security shows, each time that something is opened: nothing of it
is remembered, so that a revocation holds from the next statement on (R9).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import cache
from typing import Final
from uuid import UUID

from services.referrals.domain.clients import KeyGroup
from services.referrals.models import DataKey, LegalDemand
from vereda.keyring import KeyIds, Keyring, Keys, open_keys
from vereda.sealing import SealBrokenError, decrypt, encrypt, new_key, seal, unseal
from vereda.settings import Settings

_IDS: Final = KeyIds()


class Vault:
    """Seals and opens fields of clients. Raises, of everything: KeysAwayError."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    @property
    def provider(self) -> Keyring:
        """What handles and blind indexes are made with."""
        return self.keys.current()

    def make(self, client: UUID, group: KeyGroup, referral: UUID | None = None) -> tuple[DataKey, bytes]:
        """A new data key: its row (wrapped), and itself."""
        id_, key = _IDS.next(), new_key()
        wrapped = self.keys.wrap(id_, key, _context(client, group, referral))
        row = DataKey(id=id_, client_id=client, referral_id=referral, key_group=group, wrapped=wrapped)
        return row, key

    def seal(
        self, key: bytes, text: str, client: UUID, group: KeyGroup, referral: UUID | None = None
    ) -> bytes:
        return seal(key, text, _context(client, group, referral))

    def seal_under(self, row: DataKey, text: str) -> bytes:
        """Raises: SealBrokenError where the key is destroyed."""
        if row.wrapped is None:
            raise SealBrokenError
        context = _context(row.client_id, row.key_group, row.referral_id)
        return seal(self.keys.unwrap(row.id, row.wrapped, context), text, context)

    def seal_bytes_under(self, row: DataKey, content: bytes, place: bytes) -> bytes:
        """Bytes sealed for one place. Raises: SealBrokenError where the key is destroyed."""
        if row.wrapped is None:
            raise SealBrokenError
        context = _context(row.client_id, row.key_group, row.referral_id)
        return encrypt(self.keys.unwrap(row.id, row.wrapped, context), content, context + place)

    def open_bytes(self, row: DataKey | None, sealed: bytes, place: bytes) -> bytes | None:
        """The sealed bytes; None where the key is destroyed or out of reach, or they were sealed for another place."""
        if row is None or row.wrapped is None:
            return None
        context = _context(row.client_id, row.key_group, row.referral_id)
        try:
            return decrypt(self.keys.unwrap(row.id, row.wrapped, context), sealed, context + place)
        except SealBrokenError:
            return None

    def open(self, row: DataKey | None, sealed: bytes | None) -> str | None:
        """The sealed text; None where there is none, or where its key was destroyed or is out of the reader's reach."""
        if row is None or row.wrapped is None or sealed is None:
            return None
        context = _context(row.client_id, row.key_group, row.referral_id)
        try:
            return unseal(self.keys.unwrap(row.id, row.wrapped, context), sealed, context)
        except SealBrokenError:
            return None

    def seal_alone(self, text: str) -> tuple[UUID, bytes, bytes]:
        """Something that is about no client, under a key of its own: its id, the key wrapped, the text sealed."""
        id_, key = _IDS.next(), new_key()
        return id_, self.keys.wrap(id_, key, id_.bytes), seal(key, text, id_.bytes)

    def open_alone(self, id_: UUID, wrapped: bytes | None, sealed: bytes) -> str | None:
        if wrapped is None:
            return None
        try:
            return unseal(self.keys.unwrap(id_, wrapped, id_.bytes), sealed, id_.bytes)
        except SealBrokenError:
            return None

    def digests_under(self, row: DataKey | None, texts: Iterable[str]) -> list[str] | None:
        """HMAC-SHA-256 of each text under a key that seals nothing, 128 bits in hex: alike for this key alone. None where the
        key is destroyed or out of reach."""
        if row is None or row.wrapped is None:
            return None
        context = _context(row.client_id, row.key_group, row.referral_id)
        try:
            key = self.keys.unwrap(row.id, row.wrapped, context)
        except SealBrokenError:
            return None
        return [hmac.digest(key, context + one.encode(), "sha256").hex()[:32] for one in texts]

    def rewrap(self, row: DataKey | LegalDemand) -> bytes | None:
        """Its data key wrapped by the newest master; None where it does not open, as it did not before."""
        if row.wrapped is None:
            return None
        context = (
            row.id.bytes
            if isinstance(row, LegalDemand)
            else _context(row.client_id, row.key_group, row.referral_id)
        )
        try:
            return self.keys.wrap(row.id, self.keys.unwrap(row.id, row.wrapped, context), context)
        except SealBrokenError:
            return None

    def handle(self, client: UUID, organization: UUID) -> UUID:
        """The name under which `organization` knows the client (R19)."""
        return self.provider.pairwise_id(client, organization)


def vault(settings: Settings) -> Vault:
    return _vault(open_keys(settings))


@cache
def _vault(keys: Keys) -> Vault:
    return Vault(keys)


def _context(client: UUID, group: KeyGroup, referral: UUID | None) -> bytes:
    return client.bytes + group.value.encode() + (referral.bytes if referral else b"")
