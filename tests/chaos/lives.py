"""Random lives of referrals: sent by a clinic, worked by a legal provider and a school, by several at once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

from services.referrals.domain.lifecycle import LIFECYCLE, TERMINAL, Guard, Move, MoveName, Party, State
from tests.chaos.asking import System
from tests.chaos.history import History
from vereda.ids import new_id

_CLIENT: Final = """mutation($input: RecordClientInput!) { recordClient(input: $input) {
  ... on ClientRecorded { client { handle } } ... on Refusal { code message } } }"""
_CONSENT: Final = """mutation($input: RecordConsentInput!) { recordConsent(input: $input) {
  ... on ConsentRecorded { consent { id } } ... on Refusal { code message } } }"""
_OFFER: Final = "query($id: ID!) { service(id: $id) { offer } }"
_SEND: Final = """mutation($input: SendReferralInput!) { sendReferral(input: $input) { __typename
  ... on ReferralSent { referral { id } } ... on Refusal { code message } } }"""
_NOW: Final = "query($id: ID!) { referral(id: $id) { version state } }"
_MOVE: Final = """mutation($input: MoveReferralInput!) { moveReferral(input: $input) { __typename
  ... on ReferralMoved { referral { id } } ... on Refusal { code message } } }"""
_REVOKE: Final = """mutation($input: RevokeConsentInput!) { revokeConsent(input: $input) {
  ... on ConsentRevoked { consent { id } } ... on Refusal { code message } } }"""
_PROVE: Final = """mutation($input: ProveConsentInput!) { proveConsent(input: $input) {
  ... on ConsentProven { proof } ... on Refusal { code message } } }"""
_ENROL: Final = """mutation($input: EnrolParticipantInput!) { enrolParticipant(input: $input) { __typename
  ... on ParticipantEnrolled { participant { id } } ... on Refusal { code message } } }"""

#: Moves that need what these lives do not have: an offer elsewhere, a week of tries, an appointment, another part.
_LEFT_OUT: Final = frozenset(
    {MoveName.SEND, MoveName.OFFER_REDIRECT, MoveName.AGREE_REDIRECT, MoveName.REVOKE}
)
_PARTIES: Final = {Party.SENDER, Party.RECIPIENT}
_REVOKES: Final = 0.06
_ENROLS: Final = 0.25
_SAYS_IT_TWICE: Final = 0.15


@dataclass(frozen=True)
class Provider:
    """Whom referrals go to: a service of an organisation, and whether it checks conflicts first."""

    system: System
    organization: str
    service: str
    legal: bool


@dataclass
class Region:
    """Where the lives happen. `open`: referrals that anybody may go on with."""

    clinic: System
    providers: list[Provider]
    cohort: str
    cohort_host: str
    chance: random.Random
    history: History
    open: dict[str, Provider] = field(default_factory=dict)

    async def one_act(self) -> None:
        """Begin a life, or go on with one."""
        if len(self.open) < 4 or self.chance.random() < 0.2:
            await self._begin()
        else:
            referral = self.chance.choice(list(self.open))
            if self.chance.random() < _REVOKES:
                await self._revoke(referral)
            else:
                await self._go_on(referral, self.open[referral])

    async def _begin(self) -> None:
        provider = self.chance.choice(self.providers)
        given = {"displayName": "Somebody", "language": "spa", "county": "06019"}
        done = await self._sure(self.clinic, _CLIENT, given)
        client = done["client"]["handle"]
        self.history.clients.append(client)
        enrols = self.chance.random() < _ENROLS
        consent = await self._consent(
            client, provider.organization, "REFERRAL_DELIVERY", ["IDENTITY", "NEED", "OUTCOME"]
        )
        offer = await self.clinic.ask(_OFFER, id=provider.service)
        sent = await self._sure(
            self.clinic,
            _SEND,
            {
                "client": client,
                "consent": consent,
                "offer": offer["offer"],
                "needs": ["legal.immigration.daca_renewal"],
                "despiteNoCapacity": True,
            },
        )
        assert sent["__typename"] == "ReferralSent", sent
        self.history.sent(sent["referral"]["id"], consent)
        self.open[sent["referral"]["id"]] = provider
        if enrols:
            await self._enrol(client)

    async def _consent(self, client: str, recipient: str, purpose: str, classes: list[str]) -> str:
        given = {
            "client": client,
            "recipients": [recipient],
            "purposes": [purpose, "STATUS_BACK"],
            "dataClasses": classes,
            "method": "ELECTRONIC",
            "language": "spa",
            "scriptVersion": "2026-1",
            "scriptText": "May we?",
        }
        done = await self._sure(self.clinic, _CONSENT, given)
        self.history.consents.append(done["consent"]["id"])
        return str(done["consent"]["id"])

    async def _enrol(self, client: str) -> None:
        consent = await self._consent(client, self.cohort_host, "PROGRAM_ENROLMENT", ["PROGRAM"])
        asked = {
            "client": client,
            "consent": consent,
            "purpose": "PROGRAM_ENROLMENT",
            "recipient": self.cohort_host,
        }
        proof = await self.clinic.ask(_PROVE, input=asked)
        given = {"cohort": self.cohort, "proof": proof["proof"], "idempotencyKey": str(new_id())}
        done = await self.clinic.ask(_ENROL, input=given)
        if done["__typename"] == "ParticipantEnrolled":
            self.history.seats += 1
        else:  # a proof holds for a minute, and a service may be away for longer
            self.history.notes[f"refused {done['code']}"] += 1

    async def _revoke(self, referral: str) -> None:
        consent = self.history.under[referral]
        await self._sure(self.clinic, _REVOKE, {"id": consent})
        self.history.revoked.add(consent)
        self.open.pop(referral, None)

    async def _go_on(self, referral: str, provider: Provider) -> None:
        now = await provider.system.ask(_NOW, id=referral)
        state = State(now["state"])
        if state in TERMINAL:
            self.open.pop(referral, None)
            return
        rows = [row for row in LIFECYCLE if _can_be_tried(row, state, legal=provider.legal)]
        row = self.chance.choice(rows)
        by = self.clinic if row.by == {Party.SENDER} or Party.RECIPIENT not in row.by else provider.system
        given = {"id": referral, "expectedVersion": now["version"], "move": row.name.value}
        given |= {"reason": min(row.only_for, default="OTHER")} if row.needs_reason else {}
        given |= {"outcome": "SERVED_PARTLY"} if row.needs_outcome else {}
        done = await self._sure(by, _MOVE, given)
        if done["__typename"] == "ReferralMoved":
            self.history.moves[referral][row.name.value] += 1
        else:
            self.history.notes[f"refused {done['code']}"] += 1

    async def _sure(self, system: System, document: str, given: dict[str, Any]) -> Any:
        """The answer to a write; some are sent once more when they are known, and must be answered the same."""
        asked = {**given, "idempotencyKey": str(new_id())}
        done = await system.ask(document, input=asked)
        if "code" not in done and self.chance.random() < _SAYS_IT_TWICE:
            again = await system.ask(document, input=asked)
            assert again == done, (done, again)
            self.history.notes["said twice"] += 1
        return done


def _can_be_tried(row: Move, state: State, *, legal: bool) -> bool:
    wrong = Guard.NOT_LEGAL_SERVICE if legal else Guard.LEGAL_SERVICE
    return (
        state in row.frm
        and row.name not in _LEFT_OUT
        and bool(row.by & _PARTIES)
        and not {wrong, Guard.PROOF_OF_ATTEMPTS} & row.guards
    )
