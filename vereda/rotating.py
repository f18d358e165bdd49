"""What `vereda keys` does: the signing keys of this installation, shown and replaced while everything runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from vereda.errors import OperatorError
from vereda.keylife import ANNOUNCED_S, HURRIED_S, UNDER_WAY_S, signing, verifies_until
from vereda.keyring import KeysAwayError, open_keys
from vereda.keyring.keeping import ANNOUNCED_S as MASTER_ANNOUNCED_S
from vereda.keyring.opening import SEALING
from vereda.keys import RINGS, KeyRing, SigningKey, key_ring
from vereda.settings import Settings


def listing(settings: Settings) -> str:
    """One line for each key of each ring that this installation has."""
    now = time.time()
    rings = (key_ring(settings, name) for name in _existing(settings))
    return "\n".join(_line(ring, index, now) for ring in rings for index in range(len(ring.keys)))


def rotate(
    settings: Settings,
    name: str | None,
    after_s: float | None,
    *,
    compromised: bool,
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[str]:
    """Give the ring (all that this installation has, for None) a new key; one line for each. It signs after `after_s`.

    Where the others are `compromised`, this then waits until no request needs them any more, and takes them away. With
    `after_s=0` it does not wait. Raises: OperatorError when there is no such ring here.
    """
    existing = _existing(settings)
    if name is not None and name not in existing:
        known = ", ".join(existing) or "none"
        raise OperatorError(f"There is no ring `{name}` in {settings.keys}: here are {known}.")
    if after_s is None:
        after_s = HURRIED_S if compromised else ANNOUNCED_S
    rings = [key_ring(settings, one) for one in ([name] if name is not None else existing)]
    fresh = [ring.rotate(after_s, compromised=compromised) for ring in rings]
    for ring, key in zip(rings, fresh, strict=True):
        yield f"{ring.folder.name:<12} {key.kid}  signs from {_instant(key.signs_from)} on"
    if not compromised:
        return
    if after_s:
        wait_s = after_s + UNDER_WAY_S
        yield f"The others are taken away in {wait_s:.0f} s: until then they verify, and this command has to run."
        wait(wait_s)
    for ring, key in zip(rings, fresh, strict=True):
        ring.give_up_others(key)
    yield "The others are taken away: what they signed is refused."


async def rotate_master(settings: Settings) -> str:
    """Give each keyring that is here a new master key; running services wrap by it at once, or as soon as all of them know it.

    Raises: OperatorError when a keyring cannot be had.
    """
    return "\n".join([await _rotate(settings, service) for service in _sealing(settings)])


def _sealing(settings: Settings) -> list[str]:
    """The services whose keyrings are here; in containers each has a home of its own."""
    return [one for one in SEALING if open_keys(settings, one).path.exists()] or [SEALING[0]]


async def _rotate(settings: Settings, service: str) -> str:
    keys = open_keys(settings, service)
    after_s = 0.0 if keys.is_local else MASTER_ANNOUNCED_S
    try:
        keyring = await keys.change(lambda ring: ring.rotated(time.time(), after_s))
    except KeysAwayError as error:
        raise OperatorError(f"The key management service: {error}.") from None
    newest = keyring.masters[-1]
    return (
        f"{service}: master {newest.version} wraps from {_instant(newest.since)} on; what the others wrapped is wrapped anew by the"
        f" running service, and they are retired {settings.backups_kept_days} days later"
    )


async def reseal(settings: Settings) -> str:
    """Seal the keyrings that are here under the newest key of what protects them. Raises: OperatorError when that cannot be had."""
    done = []
    for keys in (open_keys(settings, service) for service in _sealing(settings)):
        try:
            await keys.refresh()
            await keys.reseal()
        except KeysAwayError as error:
            raise OperatorError(f"The key management service: {error}.") from None
        done.append(f"{keys.path} is sealed anew ({settings.key_provider})")
    return "\n".join(done)


def _existing(settings: Settings) -> list[str]:
    return [name for name in RINGS if (settings.keys / name).is_dir()]


def _line(ring: KeyRing, index: int, now: float) -> str:
    key = ring.keys[index]
    return f"{ring.folder.name:<12} {key.kid}  {key.algorithm.value:<8} {_state(ring.keys, index, now)}"


def _state(keys: tuple[SigningKey, ...], index: int, now: float) -> str:
    key, until = keys[index], verifies_until(keys, index)
    if key.signs_from > now:
        return f"announced, signs from {_instant(key.signs_from)} on"
    if key is signing(keys, now):
        return f"signs since {_instant(key.signs_from)}" if key.signs_from else "signs"
    assert until is not None
    return f"verifies until {_instant(until)}"


def _instant(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
