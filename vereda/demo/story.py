"""What Vereda is for, told against the running system: one client's way through three services."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any, Final

from vereda.demo import documents
from vereda.demo.caller import PartnerSystem, UnexpectedAnswerError
from vereda.demo.loading import sign_in_secret
from vereda.demo.network import CLINIC, LEGAL, SCHOOL, build
from vereda.settings import Settings

Tell = Callable[[str], None]
_SCRIPT: Final = (
    "¿Podemos decirle a Puente Firme su nombre, su teléfono y qué ayuda necesita, y que ellos nos digan cómo les fue?"
    " ¿Y a la escuela, que usted quiere inscribirse en el curso?"
)
_SHOWN_CHARACTERS: Final = 1600


class Story:
    """Tells the story step by step; each answer is checked, so that a story that is told is a story that is true."""

    def __init__(self, gateway_url: str, settings: Settings, tell: Tell) -> None:
        self.tell = tell
        self.clinic, self.legal, self.school = (
            PartnerSystem(gateway_url, name, sign_in_secret(settings, name))
            for name in ("demo-clinic", "demo-legal", "demo-school")
        )
        network = build()
        self.ids = {slug: str(network.by_slug(slug).id) for slug in (CLINIC, LEGAL, SCHOOL)}

    async def run(self) -> str:
        """The whole story; the id of the referral that it is about."""
        await self._tokens()
        service = await self._search()
        client, consent = await self._client_and_consents()
        referral = await self._send(client, consent["referral"], service["offer"])
        await self._slip(referral)
        await self._work(referral)
        await self._outcome(referral)
        await self._fhir(referral)
        await self._others_see_nothing(referral)
        await self._enrol(client, consent["enrolment"])
        await self._one_query(referral)
        self.tell("\nThat is the story. Everything in it is in the database, and was asked of one gateway.")
        return referral

    async def _tokens(self) -> None:
        self._chapter("The clinic's system signs in with its client credentials.")
        answer = await self.clinic.sign_in()
        self._said({**answer, "access_token": answer["access_token"][:24] + "..."})

    async def _search(self) -> dict[str, Any]:
        self._chapter(
            "The legal provider says how much room it has; the clinic looks for a provider that fits:"
        )
        mine = await self._ask(self.legal, documents.OWN_SERVICES, {"text": "DACA"}, quiet=True)
        own = mine["myOrganization"]["services"]["nodes"]
        daca = next(one for one in own if one["name"] == "DACA renewal")
        room = {"service": daca["id"], "status": "CAPACITY", "available": 8, "maximum": 12, **_key()}
        await self._ask(self.legal, documents.REPORT_CAPACITY, {"input": room})
        self._chapter("in Spanish, for a DACA renewal, within 40 miles, with room.")
        found = await self._ask(self.clinic, documents.SEARCH, {"zip": "93721"})
        services = found["services"]["nodes"]
        self._expect(services, "a service with room within 40 miles")
        chosen = next((one for one in services if one["organization"]["id"] == self.ids[LEGAL]), None)
        self._expect(chosen, "Puente Firme among them")
        return dict(chosen or {})

    async def _client_and_consents(self) -> tuple[str, dict[str, str]]:
        self._chapter("The clinic records its client, with the little that is needed,")
        given = {
            "displayName": "Marisol Q.",
            "language": "spa",
            "county": "06019",
            "contacts": [{"system": "PHONE", "value": "559-555-0142"}],
            **_key(),
        }
        recorded = await self._ask(self.clinic, documents.RECORD_CLIENT, {"input": given})
        handle = recorded["recordClient"]["client"]["handle"]
        self._chapter("and what she allows: to whom, which data, for what, until when.")
        common = {"client": handle, "method": "ORAL_WITNESS", "language": "spa", "scriptVersion": "2026-1"}
        common |= {"scriptText": _SCRIPT, "present": [{"role": "WITNESS", "name": "Beatriz L."}]}
        referral = await self._ask(
            self.clinic,
            documents.RECORD_CONSENT,
            {
                "input": {
                    **common,
                    **_key(),
                    "recipients": [self.ids[LEGAL]],
                    "purposes": ["REFERRAL_DELIVERY", "STATUS_BACK"],
                    "dataClasses": ["IDENTITY", "NEED", "OUTCOME"],
                }
            },
        )
        enrolment = await self._ask(
            self.clinic,
            documents.RECORD_CONSENT,
            {
                "input": {
                    **common,
                    **_key(),
                    "recipients": [self.ids[SCHOOL]],
                    "purposes": ["PROGRAM_ENROLMENT"],
                    "dataClasses": ["PROGRAM"],
                }
            },
            quiet=True,
        )
        return handle, {
            "referral": referral["recordConsent"]["consent"]["id"],
            "enrolment": enrolment["recordConsent"]["consent"]["id"],
        }

    async def _send(self, client: str, consent: str, offer: str) -> str:
        self._chapter("The clinic sends the referral, with the directory's signed offer of the service.")
        given = {
            "client": client,
            "consent": consent,
            "offer": offer,
            "needs": ["legal.immigration.daca_renewal"],
            "narrative": "Her renewal is due in May; she works mornings.",
            "placerId": f"VC-{secrets.token_hex(3)}",
            **_key(),
        }
        sent = await self._ask(self.clinic, documents.SEND, {"input": given})
        self._expect(sent["sendReferral"]["__typename"] == "ReferralSent", "a referral that is sent")
        return str(sent["sendReferral"]["referral"]["id"])

    async def _slip(self, referral: str) -> None:
        self._chapter(
            "The client takes a slip along: a code that tells nothing to whoever finds it. At the provider's desk it leads to"
            " the referral, once."
        )
        printed = await self._ask(
            self.clinic, documents.SLIP, {"input": {"referral": referral, "paperLanguage": "SPA", **_key()}}
        )
        code = printed["issueSlip"]["code"]
        lost = await self._ask(self.school, documents.CLAIM, {"input": {"code": code, **_key()}}, quiet=True)
        self._expect(lost["claimByCode"]["__typename"] == "NotFound", "a code that is another's to be wrong")
        found = await self._ask(self.legal, documents.CLAIM, {"input": {"code": code, **_key()}})
        self._expect(found["claimByCode"]["referral"]["id"] == referral, "the referral of the slip")

    async def _fhir(self, referral: str) -> None:
        self._chapter("A system that speaks FHIR reads the same as a Task.")
        task = await self.clinic.read(f"/fhir/R4/Task/{referral}")
        self._said(task)
        self._expect(task.get("status") == "completed", "a Task that is completed")

    async def _work(self, referral: str) -> None:
        self._chapter(
            "The provider finds it in its inbox. Until it has checked for conflicts it sees the name alone,"
        )
        inbox = await self._ask(self.legal, documents.INBOX)
        [mine] = [one for one in inbox["inbox"]["nodes"] if one["id"] == referral]
        self._expect(mine["client"]["displayName"] == "Marisol Q.", "the name, which the consent covers")
        self._expect(mine["narrative"] is None, "no narrative before the conflict check")
        await self._move(referral, "START_CONFLICT_CHECK")
        await self._move(referral, "CLEAR_CONFLICT")
        self._chapter("then what it needs to begin; the phone number was not consented to, and stays back.")
        opened = await self._ask(self.legal, documents.RECEIVED, {"id": referral})
        seen = opened["referral"]
        self._expect("renewal is due" in seen["narrative"], "the narrative, after the conflict check")
        self._expect(seen["client"]["contacts"] is None, "no contacts without consent")
        self._chapter("It accepts, serves and completes.")
        await self._move(referral, "ACCEPT")
        await self._move(referral, "START")
        await self._move(referral, "COMPLETE", outcome="SERVED_FULLY")

    async def _outcome(self, referral: str) -> None:
        self._chapter("The clinic sees what became of it, and confirms.")
        seen = await self._ask(self.clinic, documents.OUTCOME, {"id": referral})
        self._expect(
            seen["referral"]["outcome"] == "SERVED_FULLY", "the outcome, which the client let come back"
        )
        settle = {"id": referral, "expectedVersion": seen["referral"]["version"], "confirmed": True, **_key()}
        settled = await self._ask(self.clinic, documents.SETTLE, {"input": settle})
        self._expect(settled["settleLoop"]["referral"]["loop"] == "CONFIRMED", "a closed loop")

    async def _others_see_nothing(self, referral: str) -> None:
        self._chapter("The adult school, which has no part in it, sees nothing of it.")
        seen = await self._ask(self.school, documents.OUTCOME, {"id": referral})
        self._expect(seen["referral"] is None, "nothing at all")

    async def _enrol(self, client: str, consent: str) -> None:
        self._chapter(
            "The client wants to open a business: with her consent the clinic enrols her in a cohort."
        )
        cohorts = await self._ask(self.clinic, documents.COHORTS)
        cohort = cohorts["cohorts"]["nodes"][0]
        asked = {
            "client": client,
            "consent": consent,
            "purpose": "PROGRAM_ENROLMENT",
            "recipient": self.ids[SCHOOL],
        }
        proven = await self._ask(self.clinic, documents.PROVE, {"input": asked}, quiet=True)
        given = {"cohort": cohort["id"], "proof": proven["proveConsent"]["proof"], **_key()}
        enrolled = await self._ask(self.clinic, documents.ENROL, {"input": given})
        self._expect(
            enrolled["enrolParticipant"]["__typename"] == "ParticipantEnrolled", "a seat or a place in line"
        )

    async def _one_query(self, referral: str) -> None:
        self._chapter("And one query shows the whole, answered by all three services.")
        seen = await self._ask(self.clinic, documents.WHOLE, {"id": referral})
        whole = seen["referral"]
        self._expect(
            whole["sender"]["name"] and whole["recipient"]["name"], "both organisations, from the directory"
        )
        self._expect(whole["service"]["name"] == "DACA renewal", "the service, from the directory")
        self._expect(whole["client"]["participations"], "the enrolment, from grants")

    async def _move(self, referral: str, move: str, **more: str) -> None:
        version = await self._ask(self.legal, documents.VERSION, {"id": referral}, quiet=True)
        given = {
            "id": referral,
            "expectedVersion": version["referral"]["version"],
            "move": move,
            **more,
            **_key(),
        }
        moved = await self._ask(self.legal, documents.MOVE, {"input": given}, quiet=move != "COMPLETE")
        self._expect(moved["moveReferral"]["__typename"] == "ReferralMoved", f"{move} to be possible")

    async def _ask(
        self,
        system: PartnerSystem,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        quiet: bool = False,
    ) -> dict[str, Any]:
        answer = await system.ask(document, variables)
        if not quiet:
            self.tell(f"\n{system.client_id} asks\n{document.strip()}")
            if variables:
                self.tell(f"with {_short(variables)}")
            self._said(answer)
        if answer.get("errors") or not isinstance(answer.get("data"), dict):
            raise UnexpectedAnswerError(f"{system.client_id} was answered {_short(answer)}")
        return dict(answer["data"])

    def _chapter(self, text: str) -> None:
        self.tell(f"\n== {text}")

    def _said(self, answer: dict[str, Any]) -> None:
        self.tell(f"and is answered {_short(answer)}")

    def _expect(self, true: object, what: str) -> None:
        if not true:
            raise UnexpectedAnswerError(f"the story expected {what}")


def _short(value: dict[str, Any]) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "\n  ..."


def _key() -> dict[str, str]:
    return {"idempotencyKey": secrets.token_urlsafe(12)}
