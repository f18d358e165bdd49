"""The keys of sealed fields: made with the client, found again under row-level security, destroyed on revocation."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from services.referrals.domain.clients import KeyGroup
from services.referrals.models import DataKey
from vereda.ids import new_id
from vereda.sealing import LocalKeyProvider, SealBrokenError, new_key, seal, unseal
from vereda.secrets import Secrets
from vereda.settings import Settings


class Vault:
    """Seals and opens fields of clients."""

    def __init__(self, provider: LocalKeyProvider) -> None:
        self.provider = provider

    def make(self, client: UUID, group: KeyGroup, referral: UUID | None = None) -> tuple[DataKey, bytes]:
        """A new data key: its row (wrapped), and itself."""
        key = new_key()
        wrapped = self.provider.wrap(key, _context(client, group, referral))
        row = DataKey(id=new_id(), client_id=client, referral_id=referral, key_group=group, wrapped=wrapped)
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
        return seal(self.provider.unwrap(row.wrapped, context), text, context)

    def open(self, row: DataKey | None, sealed: bytes | None) -> str | None:
        """The sealed text; None where there is none, or where its key was destroyed or is out of the reader's reach."""
        if row is None or row.wrapped is None or sealed is None:
            return None
        context = _context(row.client_id, row.key_group, row.referral_id)
        try:
            return unseal(self.provider.unwrap(row.wrapped, context), sealed, context)
        except SealBrokenError:
            return None

    def handle(self, client: UUID, organization: UUID) -> UUID:
        """The name under which `organization` knows the client (R19)."""
        return self.provider.pairwise_id(client, organization)


def vault(settings: Settings) -> Vault:
    return _vault(settings.home)


@cache
def _vault(home: Path) -> Vault:
    return Vault(LocalKeyProvider(Secrets(home / "secrets"), "client-master-key"))


def _context(client: UUID, group: KeyGroup, referral: UUID | None) -> bytes:
    return client.bytes + group.value.encode() + (referral.bytes if referral else b"")
