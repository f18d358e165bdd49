"""The receipt of a consent: what was agreed, in one canonical form whose hash proves it (RFC 8785).

A receipt tells no name: people and organisations stand in it by handle and id. It is made from the consent's row, no
column of which ever changes but its revocation, so that it can be made again, and its hash with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias
from uuid import UUID

import orjson

Plain: TypeAlias = str | bool | int | Sequence["Plain"] | Mapping[str, "Plain"] | None
_LARGEST_INTEGER: Final = 2**53 - 1


def canonical(value: Plain) -> bytes:
    """JSON in the one form of RFC 8785, for all that a receipt holds: text, whole numbers, booleans, lists, objects.

    Of these, sorted JSON without white space is that form already, as long as keys are ASCII (§3.2.3 sorts by UTF-16)
    and numbers are integers that a double holds (§3.2.2.3). Raises: ValueError for anything else.
    """
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _check(value: Plain) -> None:
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError("an integer that a double does not hold")
    elif isinstance(value, Mapping):
        if not all(key.isascii() for key in value):
            raise ValueError("a key that is not ASCII")
        for one in value.values():
            _check(one)
    elif isinstance(value, Sequence):
        for one in value:
            _check(one)
    else:
        raise ValueError("not of a kind that a receipt holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a client agreed to. `handle`: theirs at the organisation that recorded it (`captured_at`)."""

    consent: UUID
    handle: UUID
    captured_at: UUID
    recipients: Sequence[UUID]
    purposes: Sequence[str]
    data_classes: Sequence[str]
    service_domains: Sequence[str]
    one_referral: bool
    partial: bool
    grantor: str
    method: str
    language: str
    script_version: str
    script_hash: str
    supersedes: UUID | None
    valid_from: datetime
    expires_at: datetime


def receipt(agreed: Agreed) -> bytes:
    """The receipt, in its canonical form."""
    return canonical(
        {
            "type": "vereda-consent-receipt-1",
            "consent": str(agreed.consent),
            "client": str(agreed.handle),
            "recordedBy": str(agreed.captured_at),
            "recipients": sorted(map(str, agreed.recipients)),
            "purposes": sorted(agreed.purposes),
            "dataClasses": sorted(agreed.data_classes),
            "serviceDomains": sorted(agreed.service_domains),
            "oneReferral": agreed.one_referral,
            "partial": agreed.partial,
            "grantor": agreed.grantor,
            "method": agreed.method,
            "language": agreed.language,
            "scriptVersion": agreed.script_version,
            "scriptHash": agreed.script_hash,
            "supersedes": str(agreed.supersedes) if agreed.supersedes else None,
            "validFrom": _time(agreed.valid_from),
            "expiresAt": _time(agreed.expires_at),
        }
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def receipt_hash(content: bytes) -> str:
    """SHA-256 of a canonical receipt, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
