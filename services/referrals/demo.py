"""The demo network's referrals: a year of them, each with a history that the lifecycle's table allows."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals import demo_reports
from services.referrals.domain import clocks
from services.referrals.domain.calendar import FEDERAL
from services.referrals.domain.clients import AgeBand, ContactSystem, KeyGroup, name_tokens
from services.referrals.domain.clocks import Clock, Urgency
from services.referrals.domain.consent import DataClass, Method, Purpose
from services.referrals.domain.lifecycle import (
    BY_NAME,
    TERMINAL,
    Loop,
    Move,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    SubState,
    loop_after,
)
from services.referrals.models import (
    Client,
    ClientHandle,
    Consent,
    DataKey,
    Disclosure,
    Referral,
    ReferralEvent,
)
from services.referrals.operations.identifiers import placer_index
from services.referrals.operations.vault import Vault
from vereda.demo import staging
from vereda.demo.network import EPOCH, SEED, Network, Organization, Service
from vereda.ids import seeded_id
from vereda.keyring import Keys

#: How many the demo network has.
REFERRALS: Final = 2000
_BATCH: Final = 2000
_GIVEN: Final = (
    "Alma",
    "Beto",
    "Chela",
    "Dario",
    "Elvia",
    "Fito",
    "Gema",
    "Hilda",
    "Isidro",
    "Julia",
    "Kao",
    "Lupe",
)
_FAMILY: Final = (
    "Arroyo",
    "Beltran",
    "Cano",
    "Duarte",
    "Encinas",
    "Fierro",
    "Galvez",
    "Her",
    "Ibarra",
    "Jasso",
    "Kaur",
)
_SCRIPT: Final = "May we tell this organisation your name, how to reach you, and what you need?"
_CLASSES: Final = (
    DataClass.IDENTITY,
    DataClass.CONTACT,
    DataClass.LANGUAGE,
    DataClass.NEED,
    DataClass.OUTCOME,
)
_PURPOSES: Final = (Purpose.REFERRAL_DELIVERY, Purpose.STATUS_BACK)
#: How referrals usually go, with weights: moves after SEND.
_WAYS: Final = (
    (("OPEN", "ACCEPT", "SCHEDULE", "START", "COMPLETE"), 34),
    (("OPEN", "ACCEPT", "START", "COMPLETE"), 16),
    (("OPEN", "ACCEPT", "START"), 10),
    (("OPEN", "ACCEPT", "SCHEDULE"), 7),
    (("OPEN", "WAITLIST"), 5),
    (("OPEN", "DECLINE"), 12),
    (("OPEN", "ACCEPT", "START", "NOT_COMPLETE"), 4),
    (("OPEN",), 4),
    (("EXPIRE",), 4),
    (("CANCEL",), 2),
    ((), 2),
)


@dataclass
class _Known:
    """A client whose referrals are being made: whose they are, and what is written of them so far."""

    number: int
    home: Organization
    handles: set[UUID] = field(default_factory=set)
    written: bool = False


@dataclass
class Rows:
    """What is to be written, by table, in the order in which it may be."""

    tables: dict[type[Any], list[dict[str, Any]]] = field(
        default_factory=lambda: {
            table: []
            for table in (Client, ClientHandle, Consent, Referral, DataKey, ReferralEvent, Disclosure)
        }
    )

    def add(self, table: type[Any], **row: Any) -> None:
        self.tables[table].append(row)


async def is_empty(session: AsyncSession) -> bool:
    return await session.scalar(select(Client.id).limit(1)) is None


async def load(session: AsyncSession, network: Network, now: datetime, keys: Keys) -> None:
    """Write clients, consents and referrals; what identifies a client is sealed as ever."""
    for rows in batches(network, now, keys, range(REFERRALS), each_client=1):
        await write(session, rows)
    await demo_reports.load(session, network, now)


async def write(session: AsyncSession, rows: Rows) -> None:
    for table, content in rows.tables.items():
        await staging.write(session, table.__table__, content)


def batches(
    network: Network, now: datetime, keys: Keys, numbers: range, each_client: float
) -> Iterator[Rows]:
    """Referrals by number, spread over the last year, `each_client` of them for one client; in batches to be written one
    after the other.
    """
    vault = Vault(keys)
    chance = random.Random(SEED + numbers.start)  # noqa: S311
    senders = [one for kind in ("CLINIC", "ADULT_SCHOOL", "CBO", "FAITH") for one in network.of_kind(kind)]
    rows, client = Rows(), _Known(-1, senders[0])
    for count, number in enumerate(numbers, start=1):
        of = numbers.start + int((count - 1) / each_client)
        if of != client.number:
            client = _Known(of, chance.choice(senders))
        near = [s for s in network.services if s.organization.county is client.home.county]
        elsewhere = [s for s in near if s.organization is not client.home]
        service = chance.choice(elsewhere or list(network.services))
        ago = timedelta(days=364 * (1 - (count - 1) / len(numbers)), minutes=chance.randint(1, 600))
        _referral(rows, vault, chance, number, client, service, now - ago, now)
        if count % _BATCH == 0 or count == len(numbers):
            yield rows
            rows = Rows()


def referral_id(number: int) -> UUID:
    return seeded_id("demo-referral", str(number), EPOCH)


def _referral(
    rows: Rows,
    vault: Vault,
    chance: random.Random,
    number: int,
    known: _Known,
    service: Service,
    sent_at: datetime,
    now: datetime,
) -> None:
    sender = known.home.id
    client = _client(rows, vault, chance, known, service.organization.id)
    id_ = referral_id(number)
    consent = _consent(rows, number, client, sender, service.organization.id, sent_at)
    urgency = chance.choices((Urgency.ROUTINE, Urgency.SOON, Urgency.URGENT), (80, 15, 5))[0]
    legal = service.terms[0].startswith("legal.")
    state, loop, last = State.DRAFT, Loop.OPEN, sent_at
    reason, outcome, marks = None, None, dict[str, datetime]()
    event = {"referral_id": id_, "actor": "demo"}
    clock: Clock | None = None
    _event(rows, event, 1, None, None, State.DRAFT, Party.SENDER, sender, sent_at)
    for sequence, (move, at) in enumerate(_way(chance, legal, sent_at, now), start=2):
        party = Party.SENDER if Party.SENDER in move.by else Party.RECIPIENT
        party = Party.SYSTEM if move.name is MoveName.EXPIRE else party
        actor = service.organization.id if party is Party.RECIPIENT else sender
        reason = _reason(chance, move) or reason
        outcome = chance.choice(list(Outcome)[:3]) if move.needs_outcome else None
        _event(
            rows, event, sequence, move, state, move.to, party, actor, at, _reason_of(move, reason), outcome
        )
        clock = clocks.wound(clock, move.name, state, move.to, at, FEDERAL)
        loop, state, last = loop_after(move, party, loop), move.to, at
        marks[move.name] = at
    if loop is Loop.REPORTED and chance.random() < 0.6:
        loop = Loop.CONFIRMED
    narrative_key, key = vault.make(client, KeyGroup.NARRATIVE, id_)
    text = f"Asks for help with {service.name.lower()}; mornings are best."
    reference_key, own_key = vault.make(client, KeyGroup.REFERENCE, id_)
    placer_id = f"VC-{number:05d}"
    for one in (narrative_key, reference_key):
        rows.add(DataKey, **_columns(one))
    rows.add(
        Referral,
        id=id_,
        client_id=client,
        consent_id=consent,
        sender_id=sender,
        author="demo",
        recipient_id=service.organization.id,
        service_id=service.id,
        domain=service.terms[0].split(".")[0],
        category=".".join(service.terms[0].split(".")[:2]),
        legal=legal,
        survivor=service.terms[0] in ("legal.immigration.survivor", "basic.shelter"),
        needs=list(service.terms),
        narrative_sealed=vault.seal(key, text, client, KeyGroup.NARRATIVE, id_),
        urgency=urgency,
        state=state,
        sub_state=SubState.BOOKED if state is State.SCHEDULED else None,
        loop=loop,
        reason=reason,
        outcome=outcome,
        placer_id_sealed=vault.seal(own_key, placer_id, client, KeyGroup.REFERENCE, id_),
        placer_id_index=placer_index(vault, sender, placer_id),
        conflict_cleared_at=marks.get(MoveName.CLEAR_CONFLICT),
        accepted_at=marks.get(MoveName.ACCEPT),
        first_contact_at=marks.get(MoveName.SCHEDULE, marks.get(MoveName.START)),
        waitlisted_at=marks.get(MoveName.WAITLIST),
        sent_at=sent_at,
        **_clock(state, loop, urgency, clock, now),
        ended_at=last if state in TERMINAL else None,
        created_at=sent_at,
        version=1,
    )
    rows.add(
        Disclosure,
        id=seeded_id("demo-disclosure", str(number), EPOCH),
        organization_id=sender,
        client_id=client,
        recipient_id=service.organization.id,
        referral_id=id_,
        consent_id=consent,
        purpose=Purpose.REFERRAL_DELIVERY.value,
        data_classes=[one.value for one in _CLASSES],
        disclosed_at=sent_at,
    )


def _clock(state: State, loop: Loop, urgency: Urgency, clock: Clock | None, now: datetime) -> dict[str, Any]:
    """The columns of a clock that has run until `now`. What it said so far was said; what is over is not said again."""
    assert clock is not None
    calendar, limits = FEDERAL, clocks.DEFAULTS
    ringing = clocks.bells(state, loop, urgency, limits)
    rung = clocks.rung_by(calendar, clock.began, ringing, now)
    following = clocks.next_bell(calendar, clock.began, ringing, rung)
    span = clocks.due(state, urgency, limits)
    return {
        "clock_from": clock.began,
        "clock_rung": rung,
        "bell_at": following[0] if following else None,
        "due_at": calendar.after(clock.began, span) if span else None,
    }


def _client(rows: Rows, vault: Vault, chance: random.Random, known: _Known, recipient: UUID) -> UUID:
    """The client, written when they are first met, and the recipient's handle of them."""
    number, home = known.number, known.home.id
    id_ = seeded_id("demo-client", str(number), EPOCH)
    for organization in (home, recipient):
        if organization not in known.handles:
            known.handles.add(organization)
            handle = vault.handle(id_, organization)
            rows.add(ClientHandle, handle=handle, client_id=id_, organization_id=organization)
    if known.written:
        return id_
    known.written = True
    name = f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}"
    contacts = [{"system": ContactSystem.PHONE, "value": f"559-555-{100 + number % 100:04d}"}]
    identity, identity_key = vault.make(id_, KeyGroup.IDENTITY)
    contact, contact_key = vault.make(id_, KeyGroup.CONTACT)
    rows.add(
        Client,
        id=id_,
        home_organization_id=home,
        display_name_sealed=vault.seal(identity_key, name, id_, KeyGroup.IDENTITY),
        contacts_sealed=vault.seal(contact_key, orjson.dumps(contacts).decode(), id_, KeyGroup.CONTACT),
        name_index=[vault.provider.blind_index(home, token) for token in name_tokens(name)],
        language=chance.choices(("spa", "eng", "mxb", "hmn", "pan"), (70, 12, 8, 6, 4))[0],
        age_band=chance.choice(list(AgeBand)[1:]),
        zip3="936",
        county_fips=known.home.county.fips,
        version=1,
    )
    for key in (identity, contact):
        rows.add(DataKey, **_columns(key))
    return id_


def _consent(rows: Rows, number: int, client: UUID, home: UUID, recipient: UUID, at: datetime) -> UUID:
    id_ = seeded_id("demo-consent", str(number), EPOCH)
    rows.add(
        Consent,
        id=id_,
        organization_id=home,
        client_id=client,
        recipients=[recipient],
        purposes=[one.value for one in _PURPOSES],
        data_classes=[one.value for one in _CLASSES],
        method=Method.ORAL_WITNESS,
        language="spa",
        script_version="demo-1",
        script_hash=hashlib.sha256(_SCRIPT.encode()).hexdigest(),
        captured_by="demo",
        receipt_hash=hashlib.sha256(id_.bytes).hexdigest(),
        valid_from=at,
        expires_at=at + timedelta(days=365),
        created_at=at,
    )
    return id_


def _way(
    chance: random.Random, legal: bool, sent_at: datetime, now: datetime
) -> Iterator[tuple[Move, datetime]]:
    """Moves with their times, as far as the present: what would lie in the future has not happened."""
    usual = list(chance.choices([way for way, _ in _WAYS], [weight for _, weight in _WAYS])[0])
    if legal and usual[:1] == ["OPEN"]:
        usual[:1] = ["START_CONFLICT_CHECK", "CLEAR_CONFLICT"]
    at = sent_at
    yield BY_NAME[MoveName.SEND], at
    for name in usual:
        at += timedelta(hours=14 * 24 if name == "EXPIRE" else chance.uniform(2, 90))
        if at > now:
            return
        yield BY_NAME[MoveName(name)], at


def _reason(chance: random.Random, move: Move) -> Reason | None:
    if move.name is MoveName.EXPIRE:
        return Reason.NO_RESPONSE
    if move.name is MoveName.CANCEL:
        return Reason.CLIENT_SERVED_ELSEWHERE
    usual = (Reason.NO_CAPACITY, Reason.NOT_ELIGIBLE, Reason.OUT_OF_AREA, Reason.CLIENT_DECLINED)
    return chance.choice(usual) if move.needs_reason else None


def _reason_of(move: Move, reason: Reason | None) -> Reason | None:
    return reason if move.needs_reason else None


def _event(
    rows: Rows,
    common: dict[str, Any],
    sequence: int,
    move: Move | None,
    frm: State | None,
    to: State,
    party: Party,
    actor: UUID,
    at: datetime,
    reason: Reason | None = None,
    outcome: Outcome | None = None,
) -> None:
    rows.add(
        ReferralEvent,
        **common,
        sequence=sequence,
        move=move.name if move else None,
        from_state=frm,
        to_state=to,
        party=party,
        actor_organization_id=actor,
        reason=reason,
        outcome=outcome,
        occurred_at=at,
    )


def _columns(key: DataKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "client_id": key.client_id,
        "referral_id": key.referral_id,
        "key_group": key.key_group,
        "wrapped": key.wrapped,
    }
