"""A keyring that a key management service opens: over HTTP, for a minute, and not at all when it is away."""

from __future__ import annotations

import base64
import datetime
import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.transit import Vault, serving
from vereda.keyring import KeyIds, Keys, KeysAwayError
from vereda.keyring.keeping import KEPT_S
from vereda.keyring.opening import open_keys
from vereda.keyring.sealers import OpenFile
from vereda.keyring.transit import Transit
from vereda.sealing import new_key
from vereda.settings import Settings

KEY = new_key()
IDS = KeyIds()


@pytest_asyncio.fixture
async def vault() -> AsyncIterator[Vault]:
    async with serving(Vault()) as running:
        yield running


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def kept(vault: Vault, path: Path, clock: Clock | None = None) -> Keys:
    transit = Transit(vault.url, "transit", vault.key, lambda: "s.right")
    return Keys(
        path, {"vault": transit, "file": OpenFile()}, "vault", monotonic=clock or Clock(), now=lambda: 2e9
    )


async def test_the_file_holds_what_the_service_sealed_and_it_opens_again(
    vault: Vault, tmp_path: Path
) -> None:
    one, other, id_ = kept(vault, tmp_path / "ring"), kept(vault, tmp_path / "ring"), IDS.next()
    await one.refresh()
    await other.refresh()

    assert other.unwrap(id_, one.wrap(id_, KEY, b""), b"") == KEY
    content = (tmp_path / "ring").read_bytes()
    assert b"vault:v1:" in content
    assert base64.b64encode(one.current().index_key) not in content


async def test_nothing_is_asked_for_each_data_key(vault: Vault, tmp_path: Path) -> None:
    keys = kept(vault, tmp_path / "ring")
    await keys.refresh()
    asked = len(vault.asked)

    for _ in range(50):
        id_ = IDS.next()
        keys.unwrap(id_, keys.wrap(id_, KEY, b""), b"")

    assert len(vault.asked) == asked


async def test_r9_what_was_opened_is_forgotten_within_a_minute(vault: Vault, tmp_path: Path) -> None:
    clock = Clock()
    keys = kept(vault, tmp_path / "ring", clock)
    with pytest.raises(KeysAwayError):
        keys.current()  # never opened yet
    await keys.refresh()
    vault.token = "s.another"
    with pytest.raises(KeysAwayError, match="refuses the token"):
        await keys.refresh()

    clock.at += KEPT_S
    keys.current()
    clock.at += 0.1
    with pytest.raises(KeysAwayError):
        keys.current()
    assert KEPT_S <= 60


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"sealed": True}, "it is sealed"),
        ({"token": "s.another"}, "refuses the token"),
        ({"key": "another"}, "refuses the request"),
        ({"oldest": 2}, "opens no more"),
        ({"answers": {"data": {}}}, "something else than Transit"),
        ({"answers": {"data": {"plaintext": "??"}}}, "not base64"),
        ({"answers": ["x"]}, "something else than Transit"),
    ],
)
async def test_what_is_wrong_with_the_service_is_said_without_its_words(
    vault: Vault, tmp_path: Path, trouble: dict[str, Any], said: str
) -> None:
    keys = kept(vault, tmp_path / "ring")
    await keys.refresh()
    for name, value in trouble.items():
        setattr(vault, name, value)

    with pytest.raises(KeysAwayError, match=said) as error:
        await keys.check()
    assert "s.right" not in str(error.value)


async def test_a_service_that_is_not_there_is_away(vault: Vault, tmp_path: Path) -> None:
    keys = Keys(
        tmp_path / "ring", {"vault": Transit("http://127.0.0.1:1", "transit", "v", lambda: "t")}, "vault"
    )

    with pytest.raises(KeysAwayError, match="cannot be reached"):
        await keys.refresh()
    assert not (tmp_path / "ring").exists()


async def test_a_change_that_the_service_did_not_seal_changes_nothing(vault: Vault, tmp_path: Path) -> None:
    keys, id_ = kept(vault, tmp_path / "ring"), IDS.next()
    await keys.refresh()
    wrapped, before = keys.wrap(id_, KEY, b""), (tmp_path / "ring").read_bytes()
    vault.sealed = True

    with pytest.raises(KeysAwayError):
        await keys.change(lambda ring: ring.shredded([id_]))

    assert (tmp_path / "ring").read_bytes() == before
    assert keys.unwrap(id_, wrapped, b"") == KEY


async def test_resealing_lets_an_old_version_of_the_services_key_go(vault: Vault, tmp_path: Path) -> None:
    keys, id_ = kept(vault, tmp_path / "ring"), IDS.next()
    await keys.refresh()
    wrapped = keys.wrap(id_, KEY, b"")
    vault.rotate()

    await keys.reseal()
    vault.oldest = 2

    assert vault.asked[-1] == "rewrap"  # what is sealed was not opened here
    again = kept(vault, tmp_path / "ring")
    await again.refresh()
    assert again.unwrap(id_, wrapped, b"") == KEY


async def test_a_keyring_that_lay_open_is_sealed_by_the_service_at_once(vault: Vault, tmp_path: Path) -> None:
    local, id_ = Keys(tmp_path / "ring", {"file": OpenFile()}, "file"), IDS.next()
    wrapped = local.wrap(id_, KEY, b"")
    keys = kept(vault, tmp_path / "ring")

    await keys.refresh()

    assert b"vault:v1:" in (tmp_path / "ring").read_bytes()
    assert keys.unwrap(id_, wrapped, b"") == KEY


def certificate(folder: Path) -> tuple[str, str]:
    """A certificate for loopback that vouches for itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "vault.pem", folder / "vault.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(pem), str(secret)


async def test_over_tls_only_a_service_that_the_operators_authorities_vouch_for_is_asked(
    tmp_path: Path,
) -> None:
    pem, secret = certificate(tmp_path)
    (tmp_path / "token").write_text("s.right\n")
    async with serving(Vault(), (pem, secret)) as vault:
        given = {
            "key_provider": "vault",
            "vault_addr": vault.url,
            "vault_token_file": tmp_path / "token",
        }
        strangers = open_keys(Settings.model_validate({"home": tmp_path / "a", **given}))
        with pytest.raises(KeysAwayError, match="cannot be reached"):
            await strangers.refresh()
        assert vault.asked == []

        keys = open_keys(Settings.model_validate({"home": tmp_path / "b", **given, "vault_ca": Path(pem)}))
        await keys.refresh()
        keys.current()
