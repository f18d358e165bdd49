"""The keyring in its file: made once, read by all, changed by one at a time, and sealed by what the operator chose."""

from __future__ import annotations

import asyncio
import base64
import os
import stat
from pathlib import Path

import pytest

from vereda.errors import OperatorError
from vereda.keyring import KeyIds, Keys, KeyShreddedError
from vereda.keyring.opening import FORMER_SECRET, forget_former, open_keys
from vereda.keyring.sealers import FromEnvironment, OpenFile, Sealer, read_keks
from vereda.sealing import LocalKeyProvider, new_key
from vereda.secrets import Secrets
from vereda.settings import Settings

KEY = new_key()
IDS = KeyIds()


def local(path: Path, sealers: dict[str, Sealer] | None = None, seals: str = "file") -> Keys:
    return Keys(path, sealers or {"file": OpenFile()}, seals)


def kek(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def test_it_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "ring"
    one, other = local(path), local(path)

    assert one.current().index_key == other.current().index_key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_what_one_process_wraps_by_a_new_master_another_opens_at_once(tmp_path: Path) -> None:
    one, other, id_ = local(tmp_path / "ring"), local(tmp_path / "ring"), IDS.next()
    other.current()

    await one.change(lambda ring: ring.rotated(one.now(), 0))

    assert other.unwrap(id_, one.wrap(id_, KEY, b""), b"") == KEY


async def test_changes_of_several_processes_are_all_kept(tmp_path: Path) -> None:
    ids = [IDS.next() for _ in range(8)]
    processes = [local(tmp_path / "ring") for _ in ids]
    wrapped = [processes[0].wrap(id_, KEY, b"") for id_ in ids]

    await asyncio.gather(
        *(
            one.change(lambda ring, id_=id_: ring.shredded([id_]))  # type: ignore[misc]
            for one, id_ in zip(processes, ids, strict=True)
        )
    )

    for id_, bytes_ in zip(ids, wrapped, strict=True):
        with pytest.raises(KeyShreddedError):
            processes[0].unwrap(id_, bytes_, b"")


async def test_r22_the_former_file_is_overwritten_where_it_was(tmp_path: Path) -> None:
    keys = local(tmp_path / "ring")
    keys.current()
    former = os.open(tmp_path / "ring", os.O_RDONLY)  # as what is left on a disk
    before = os.pread(former, 1 << 20, 0)

    await keys.change(lambda ring: ring.shredded([IDS.next()]))

    after = os.pread(former, 1 << 20, 0)
    os.close(former)
    assert len(after) == len(before)
    assert sum(a == b for a, b in zip(after, before, strict=True)) < len(before) / 10


def test_a_damaged_file_is_told_to_the_operator_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "ring").write_text("{}")

    with pytest.raises(OperatorError, match="damaged"):
        local(tmp_path / "ring").current()
    assert (tmp_path / "ring").read_text() == "{}"


async def test_under_a_key_of_the_environment_the_file_alone_is_worth_nothing(tmp_path: Path) -> None:
    path, first, second = tmp_path / "ring", kek("2025"), kek("2026")
    keys = local(path, {"environment": FromEnvironment(read_keks(first))}, "environment")
    id_ = IDS.next()
    wrapped = keys.wrap(id_, KEY, b"")

    assert base64.b64encode(keys.current().index_key) not in path.read_bytes()
    with pytest.raises(OperatorError, match="does not have it"):
        local(path, {"environment": FromEnvironment(read_keks(second))}, "environment").current()
    other = kek("2025")
    with pytest.raises(OperatorError, match="another one"):
        local(path, {"environment": FromEnvironment(read_keks(other))}, "environment").current()

    both = local(path, {"environment": FromEnvironment(read_keks(f"{second},{first}"))}, "environment")
    await both.reseal()
    left = local(path, {"environment": FromEnvironment(read_keks(second))}, "environment")
    assert left.unwrap(id_, wrapped, b"") == KEY


def test_a_keyring_that_lay_open_is_sealed_as_soon_as_something_else_protects_it(tmp_path: Path) -> None:
    path, id_ = tmp_path / "ring", IDS.next()
    wrapped = local(path).wrap(id_, KEY, b"")
    sealers: dict[str, Sealer] = {"file": OpenFile(), "environment": FromEnvironment(read_keks(kek("a")))}

    assert local(path, sealers, "environment").unwrap(id_, wrapped, b"") == KEY
    assert b'"environment"' in path.read_bytes()
    with pytest.raises(OperatorError, match="of which the settings say nothing"):
        local(path).current()


@pytest.mark.parametrize(
    "said", ["", "a", "a:", "a:c2hvcnQ=", ":" + base64.b64encode(bytes(32)).decode(), "a:?"]
)
def test_keys_of_the_environment_that_make_no_sense_are_refused_without_being_told(said: str) -> None:
    with pytest.raises(OperatorError, match="VEREDA_KEYRING_KEYS") as refused:
        read_keks(said)
    assert "c2hvcnQ" not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        ({"key_provider": "environment"}, "VEREDA_KEYRING_KEYS"),
        ({"key_provider": "vault"}, "VEREDA_VAULT_ADDR"),
        ({"key_provider": "vault", "vault_addr": "https://vault.example.org"}, "VEREDA_VAULT_TOKEN"),
        ({"key_provider": "vault", "vault_addr": "http://vault.example.org", "vault_token": "t"}, "https"),
    ],
)
def test_what_a_provider_needs_is_asked_for_by_name(
    tmp_path: Path, more: dict[str, str], missing: str
) -> None:
    with pytest.raises(OperatorError, match=missing):
        open_keys(Settings.model_validate({"home": tmp_path, **more}))


def test_an_installation_of_the_first_release_goes_on_as_it_was(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    former, id_ = LocalKeyProvider(Secrets(tmp_path / "secrets"), FORMER_SECRET), IDS.next()
    wrapped = former.wrap(KEY, b"c")

    keys = open_keys(settings)

    assert keys.unwrap(id_, wrapped, b"c") == KEY
    assert keys.current().pairwise_id(id_, id_) == former.pairwise_id(id_, id_)
    assert keys.current().blind_index(id_, "x") == former.blind_index(id_, "x")
    forget_former(settings)
    assert not (tmp_path / "secrets" / FORMER_SECRET).exists()
    assert keys.current(anew=True).pairwise_id(id_, id_) == former.pairwise_id(id_, id_)
