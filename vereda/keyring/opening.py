"""The keyring that the settings name."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from vereda.errors import OperatorError
from vereda.keyring.away import KeysAwayError
from vereda.keyring.keeping import Keys
from vereda.keyring.sealers import FromEnvironment, OpenFile, Sealer, read_keks
from vereda.keyring.transit import Transit
from vereda.settings import KeyProvider, Settings

#: The secret that did all of this before there were keyrings; it is removed when nothing is wrapped by it any more.
FORMER_SECRET: Final = "client-master-key"  # noqa: S105 - a file's name


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What of the settings is about keys."""

    path: Path
    former: Path
    provider: KeyProvider
    keks: str | None
    vault: str | None
    mount: str
    key: str
    token: str | None
    token_file: Path | None
    authorities: Path | None


#: The services that seal, each under a keyring of its own: a master is retired when nothing in one database needs it.
SEALING: Final = ("referrals", "grants")


def open_keys(settings: Settings, service: str = "referrals") -> Keys:
    """One for each keyring and process. Raises: OperatorError when the settings do not say what a provider needs.

    `service`: whose, of `SEALING`. That of referrals is the file that the settings name, the others lie beside it.
    """
    path = settings.keyring or settings.home / "secrets" / "client-keyring"
    first = service == SEALING[0]
    return _opened(
        _Wanted(
            path=path if first else path.with_name(f"{service}-keyring"),
            former=settings.home / "secrets" / (FORMER_SECRET if first else f"no-former-{service}"),
            provider=settings.key_provider,
            keks=settings.keyring_keys.get_secret_value() if settings.keyring_keys else None,
            vault=settings.vault_addr,
            mount=settings.vault_mount,
            key=settings.vault_key,
            token=settings.vault_token.get_secret_value() if settings.vault_token else None,
            token_file=settings.vault_token_file,
            authorities=settings.vault_ca,
        )
    )


@cache
def _opened(wanted: _Wanted) -> Keys:
    sealers: dict[str, Sealer] = {OpenFile.name: OpenFile()}
    if wanted.keks is not None:
        sealers[FromEnvironment.name] = FromEnvironment(read_keks(wanted.keks))
    if wanted.vault is not None:
        sealers[Transit.name] = _transit(wanted, wanted.vault)
    if wanted.provider.value not in sealers:
        needed = "VEREDA_KEYRING_KEYS" if wanted.provider is KeyProvider.ENVIRONMENT else "VEREDA_VAULT_ADDR"
        raise OperatorError(f"VEREDA_KEY_PROVIDER={wanted.provider} needs {needed}.")
    return Keys(wanted.path, sealers, wanted.provider.value, lambda: _unversioned(wanted.former))


def _transit(wanted: _Wanted, address: str) -> Transit:
    token, file = wanted.token, wanted.token_file

    def read() -> str:
        if file is None:
            return token or ""
        try:
            return file.read_text().strip()
        except OSError as error:
            raise KeysAwayError(f"VEREDA_VAULT_TOKEN_FILE cannot be read ({error.strerror})") from None

    if token is None and file is None:
        raise OperatorError("VEREDA_VAULT_ADDR needs VEREDA_VAULT_TOKEN_FILE or VEREDA_VAULT_TOKEN.")
    try:
        trust = ssl.create_default_context(cafile=wanted.authorities) if wanted.authorities else None
    except (OSError, ssl.SSLError):
        raise OperatorError("VEREDA_VAULT_CA is not a file of certificates in PEM.") from None
    return Transit(address, wanted.mount, wanted.key, read, trust)


def _unversioned(former: Path) -> tuple[bytes, bytes] | None:
    """The wrapping key and the index key of an installation of before, if this is one."""
    try:
        secret = former.read_text().strip()
    except FileNotFoundError:
        return None
    wrapping, index = (hashlib.sha256(f"{use}\x00{secret}".encode()).digest() for use in ("wrap", "index"))
    return wrapping, index


def forget_former(settings: Settings) -> None:
    """Remove the secret of before there were keyrings: nothing is wrapped by it any more."""
    former = settings.home / "secrets" / FORMER_SECRET
    if former.exists():
        former.write_bytes(b"\x00" * former.stat().st_size)
        former.unlink()
