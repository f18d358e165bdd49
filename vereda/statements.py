"""What one service states to another through the client: signed, short-lived, checked without a call between them.

The directory states what a service offers at this moment (`ServiceOffer`); referrals states that a client consented
(`ConsentProof`), and how referrals to a service were answered (`ServiceStanding`). A client carries the statement from one mutation or query to the next and cannot change it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, TypeVar, get_type_hints
from uuid import UUID

import orjson
from joserfc.util import urlsafe_b64decode

from vereda.keys import KeyRing, key_ring
from vereda.settings import Settings
from vereda.signed import SignedVerifier, TokenRefusedError, mint

_AUDIENCE: Final = "urn:vereda:subgraphs"

S = TypeVar("S", bound="Statement")
_verifiers: dict[tuple[type[Any], str], StatementVerifier[Any]] = {}
_rings: dict[tuple[Path, str], KeyRing] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """A signed statement of the service `issuer`; subclasses hold its content."""

    issuer: ClassVar[str]
    type: ClassVar[str]
    lifetime_s: ClassVar[int]


@dataclass(frozen=True, slots=True)
class ServiceOffer(Statement):
    """What the directory knew of a service when it was shown: enough to send a referral there.

    `capacity` is a code of CapacityStatus or None for unknown; `available` the places reported open at
    `reported_at`. `domain` and `category` are the steps above the exact service (R13), `legal` calls for the
    conflict check first (R14), `survivor` for the protection of 8 U.S.C. 1367 (R16).
    """

    issuer = "partners"
    type = "service-offer+jwt"
    lifetime_s = 3600

    service: UUID
    organization: UUID
    domain: str
    category: str
    legal: bool
    survivor: bool
    active: bool
    capacity: str | None
    available: int | None
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkshopSlot(Statement):
    """What the directory knew of a workshop when it was shown: enough to book a seat there.

    `seats` is how many there are in all, at `stated_at`; `announced` whether it may be booked; `status` a code of the
    directory's WorkshopStatus; `county` where it is, by FIPS code.
    """

    issuer = "partners"
    type = "workshop-slot+jwt"
    lifetime_s = 3600

    workshop: UUID
    organization: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int
    announced: bool
    status: str
    county: str
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class WorkshopsAsked(Statement):
    """Of which workshops referrals asks the directory how they stand: those at which seats are booked."""

    issuer = "referrals"
    type = "workshops-asked+jwt"
    lifetime_s = 60

    workshops: list[str]


@dataclass(frozen=True, slots=True)
class ConsentProof(Statement):
    """That a client's consent, in force when this was made, covers `purpose` and these data classes for `recipient`.

    `sponsor` is the organisation that asked for the proof; each organisation has its own handle of the client (R19).
    """

    issuer = "referrals"
    type = "consent-proof+jwt"
    lifetime_s = 60

    consent: UUID
    purpose: str
    data_classes: list[str]
    sponsor: UUID
    sponsor_handle: UUID
    recipient: UUID
    recipient_handle: UUID
    consent_expires_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentsInForce(Statement):
    """Which consents of a client hold at this moment, to the organisation that knows them as `handle`.

    It travels with a representation of the client (`@requires`), so that a service that keeps something under a consent
    shows it only while the consent holds (R9).
    """

    issuer = "referrals"
    type = "consents-in-force+jwt"
    lifetime_s = 60

    reader: UUID
    handle: UUID
    consents: list[str]


@dataclass(frozen=True, slots=True)
class ServiceStanding(Statement):
    """How referrals to a service were answered, for the directory to keep beside it; no count, and no rate of a few (R31).

    `accept_rate`: share of recent referrals that were accepted, 0 to 1 in tenths; None where too few are known.
    `above_share`: its organisation has had more than its share of the new referrals of its kind. `declined_at`: the hour in
    which the last of three or more was declined for want of room, within ten days.
    """

    issuer = "referrals"
    type = "service-standing+jwt"
    lifetime_s = 3600

    service: UUID
    as_of: datetime
    accept_rate: float | None
    above_share: bool
    declined_at: datetime | None


def claimed_content(token: str) -> dict[str, Any]:
    """What a token says of itself, without checking it: to tell requests apart by, never to act on."""
    try:
        claims = orjson.loads(urlsafe_b64decode(token.split(".")[1].encode()))
        content = claims["statement"]
    except (ValueError, TypeError, KeyError, IndexError):
        return {}
    return content if isinstance(content, dict) else {}


def state(keys: KeyRing, statement: Statement, *, now: float | None = None) -> str:
    """The statement, signed with the issuing service's keys."""
    content = {field.name: _plain(getattr(statement, field.name)) for field in fields(statement)}
    claims = {"iss": _issuer(statement.issuer), "aud": _AUDIENCE, "statement": content}
    return mint(keys, statement.type, claims, lifetime_s=statement.lifetime_s, now=now)


def sign(settings: Settings, statement: Statement) -> str:
    """The statement, signed with the keys that this installation has of the service that makes it."""
    return state(_key_ring(settings, statement.issuer), statement)


def verifier(kind: type[S], settings: Settings) -> StatementVerifier[S]:
    """The process's one reader of statements of this kind: it reads the issuer's keys once, not for each statement."""
    known = (kind, settings.jwks_location(kind.issuer))
    if known not in _verifiers:
        _verifiers[known] = StatementVerifier(kind, settings)
    return _verifiers[known]


def _key_ring(settings: Settings, issuer: str) -> KeyRing:
    """The process's one ring of the issuer: opened once, not for each statement."""
    known = (settings.keys, issuer)
    if known not in _rings:
        _rings[known] = key_ring(settings, issuer)
    return _rings[known]


class StatementVerifier(Generic[S]):
    """Reads statements of one kind."""

    def __init__(self, kind: type[S], settings: Settings) -> None:
        self._kind = kind
        self._signed = SignedVerifier(
            settings.jwks_location(kind.issuer),
            kind.type,
            issuer=_issuer(kind.issuer),
            audience=_AUDIENCE,
            longest_s=kind.lifetime_s,
        )

    async def read(self, token: str) -> S:
        """The content of a genuine statement. Raises: TokenRefusedError, also when its time is over."""
        claims = await self._signed.claims(token)
        hints = get_type_hints(self._kind)
        try:
            content = claims["statement"]
            return self._kind(**{f.name: _typed(content[f.name], hints[f.name]) for f in fields(self._kind)})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TokenRefusedError(type(error).__name__) from None


def _issuer(service: str) -> str:
    return f"urn:vereda:{service}"


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if kind is UUID:
        return UUID(value)
    if kind in (datetime, datetime | None):
        return datetime.fromisoformat(value)
    return value
