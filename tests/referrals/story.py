"""The cast of the referral tests, and what they usually do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.statements import ServiceOffer, WorkshopSlot, state

RECORD_CLIENT = """mutation($input: RecordClientInput!) { recordClient(input: $input) { __typename
  ... on ClientRecorded { client { handle displayName } } ... on SensitiveText { field kind code }
  ... on InvalidInput { problems { field problem } } } }"""
RECORD_CONSENT = """mutation($input: RecordConsentInput!) { recordConsent(input: $input) { __typename
  ... on ConsentRecorded { consent { id active scopeSentence } } ... on InvalidInput { problems { field } } } }"""
SEND = """mutation($input: SendReferralInput!) { sendReferral(input: $input) { __typename
  ... on ReferralSent { referral { id version state } } ... on ConsentMissing { missing }
  ... on SensitiveText { field kind } ... on NotFound { code } ... on InvalidInput { problems { field } }
  ... on OfferRefused { code } } }"""
MOVE = """mutation($input: MoveReferralInput!) { moveReferral(input: $input) { __typename
  ... on ReferralMoved { referral { id version state status loop reason } }
  ... on MoveNotAllowed { state allowedMoves message } ... on InvalidInput { problems { field } }
  ... on VersionConflict { currentVersion } ... on SensitiveText { field kind } } }"""
REVOKE = """mutation($input: RevokeConsentInput!) { revokeConsent(input: $input) { __typename
  ... on ConsentRevoked { consent { active revokedAt } } } }"""
SEEN = """query($id: ID!) { referral(id: $id) { status state reason outcome needs narrative
  client { handle displayName contacts { value } language } timeline { move toState } allowedMoves { move } } }"""

EVERYTHING = ("IDENTITY", "CONTACT", "LANGUAGE", "NEED", "OUTCOME", "PROGRAM")


@dataclass
class Story:
    referrals: Subgraph
    clinic: Caller = field(default_factory=caller_of)
    legal: Caller = field(default_factory=caller_of)
    school: Caller = field(default_factory=caller_of)
    service: UUID = field(default_factory=new_id)
    workshop: UUID = field(default_factory=new_id)
    #: When the workshop begins.
    day: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=3))

    async def client(self, name: str = "Marisol Q.", **more: Any) -> str:
        given = {
            "displayName": name,
            "language": "spa",
            "county": "06019",
            "contacts": [{"system": "PHONE", "value": "559-555-0101"}],
        }
        done = await self.referrals.data(
            self.clinic, RECORD_CLIENT, input={"idempotencyKey": str(new_id()), **given, **more}
        )
        return str(done["recordClient"]["client"]["handle"])

    async def consent(
        self,
        client: str,
        classes: tuple[str, ...] = EVERYTHING,
        purposes: tuple[str, ...] = ("REFERRAL_DELIVERY", "STATUS_BACK"),
        recipients: tuple[Caller, ...] | None = None,
        **more: Any,
    ) -> str:
        done = await self.referrals.data(
            self.clinic,
            RECORD_CONSENT,
            input={
                "idempotencyKey": str(new_id()),
                "client": client,
                "recipients": [str(one.organization) for one in recipients or (self.legal,)],
                "purposes": list(purposes),
                "dataClasses": list(classes),
                "method": "ORAL_INTERPRETER",
                "language": "mxb",
                "scriptVersion": "2026-1",
                "scriptText": "May we tell them your name and what you need?",
                "present": [{"role": "INTERPRETER", "name": "Citlali R."}],
                "standing": True,
                **more,
            },
        )
        return str(done["recordConsent"]["consent"]["id"])

    def offer(
        self, available: int | None = None, *, legal: bool = False, to: Caller | None = None, **more: Any
    ) -> str:
        """What the directory would sign for the legal provider's service."""
        content: dict[str, Any] = {
            "service": self.service,
            "organization": (to or self.legal).organization,
            "domain": "legal",
            "category": "legal.immigration",
            "legal": legal,
            "survivor": False,
            "active": True,
            "capacity": None if available is None else "CAPACITY" if available else "NO_CAPACITY",
            "available": available,
            "reported_at": None if available is None else datetime.now(UTC) - timedelta(seconds=1),
        }
        settings = self.referrals.settings
        return state(KeyRing(settings.keys / "partners"), ServiceOffer(**{**content, **more}))

    async def send(
        self, client: str, consent: str, offer: str, key: str | None = None, **more: Any
    ) -> dict[str, Any]:
        given = {
            "idempotencyKey": key or str(new_id()),
            "client": client,
            "consent": consent,
            "offer": offer,
            "needs": ["legal.immigration.daca_renewal"],
            "narrative": "Renewal due in May; works mornings.",
        }
        done = await self.referrals.data(self.clinic, SEND, input={**given, **more})
        return dict(done["sendReferral"])

    def slot(self, seats: int, *, host: Caller | None = None, **more: Any) -> str:
        """What the directory would sign for a workshop of the legal provider's."""
        content: dict[str, Any] = {
            "workshop": self.workshop,
            "organization": (host or self.legal).organization,
            "starts_at": self.day,
            "ends_at": self.day + timedelta(hours=4),
            "seats": seats,
            "announced": True,
            "status": "PUBLISHED",
            "county": "06019",
            "stated_at": datetime.now(UTC),
        }
        settings = self.referrals.settings
        return state(KeyRing(settings.keys / "partners"), WorkshopSlot(**{**content, **more}))

    async def did(self, by: Caller, field: str, selection: str, **given: Any) -> dict[str, Any]:
        """The payload of one mutation, with a new idempotency key unless one is given."""
        kind = f"{field[0].upper()}{field[1:]}Input"
        document = f"mutation($input: {kind}!) {{ {field}(input: $input) {{ __typename {selection} }} }}"
        done = await self.referrals.data(by, document, input={"idempotencyKey": str(new_id()), **given})
        return dict(done[field])

    async def sent(
        self, available: int | None = None, *, legal: bool = False, **consent: Any
    ) -> dict[str, Any]:
        """A referral that has been sent: `{id, version, state}`, with its client and consent."""
        client = await self.client()
        permitted = await self.consent(client, **consent)
        done = await self.send(client, permitted, self.offer(available, legal=legal))
        return {**done["referral"], "client": client, "consent": permitted}

    async def move(self, by: Caller, referral: dict[str, Any], move: str, **more: Any) -> dict[str, Any]:
        given = {"idempotencyKey": str(new_id()), "id": referral["id"], "move": move}
        version = more.pop("expectedVersion", None) or await self.version(referral["id"])
        done = await self.referrals.data(by, MOVE, input={**given, "expectedVersion": version, **more})
        return dict(done["moveReferral"])

    async def moves(
        self, by: Caller, referral: dict[str, Any], *moves: str | tuple[str, dict[str, Any]]
    ) -> dict[str, Any]:
        done: dict[str, Any] = {}
        for one in moves:
            name, more = one if isinstance(one, tuple) else (one, {})
            done = await self.move(by, referral, name, **more)
            assert done["__typename"] == "ReferralMoved", (name, done)
        return dict(done["referral"])

    async def version(self, id_: str) -> int:
        data = await self.referrals.data(
            self.clinic, "query($id: ID!) { referral(id: $id) { version } }", id=id_
        )
        return int(data["referral"]["version"])

    async def seen(self, by: Caller, id_: str) -> dict[str, Any]:
        """The whole answer to `referral(id)`."""
        return await self.referrals.answer(by, SEEN, id=id_)

    async def revoke(self, by: Caller, consent: str) -> dict[str, Any]:
        done = await self.referrals.data(by, REVOKE, input={"idempotencyKey": str(new_id()), "id": consent})
        return dict(done["revokeConsent"])
