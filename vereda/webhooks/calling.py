"""What `vereda webhooks` asks the public graph: as any system of an organisation does, with nothing that others lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vereda.demo.caller import PartnerSystem, UnexpectedAnswerError
from vereda.errors import OperatorError
from vereda.feed.catalogue import PREFIX
from vereda.feed.page import catalogue_of
from vereda.ids import new_id
from vereda.settings import SERVICES
from vereda.webhooks.signing import new_secret

_ENDPOINT: Final = (
    "id service url types state problem failingSince nextTryAt cursor formerSecretUntil version"
    " deadLetter { event type at problem status attempt }"
)
_DELIVERY: Final = "id event type attempt at problem status tookMs deadLetter"
_REFUSED: Final = "... on Refusal { code message }"
_PROBLEMS: Final = "... on InvalidInput { problems { field problem } }"

#: Of each mutation: its input, and what it answers with when it is done or what was given is wrong.
_SAVED: Final = f"... on WebhookSaved {{ webhook {{ {_ENDPOINT} }} }}"
_REGISTERED: Final = f"... on WebhookRegistered {{ secret webhook {{ {_ENDPOINT} }} }}"
MUTATIONS: Final = {
    "register{}Webhook": ("RegisterWebhookInput", f"{_REGISTERED} {_PROBLEMS}"),
    "change{}Webhook": ("ChangeWebhookInput", f"{_SAVED} {_PROBLEMS}"),
    "rotate{}WebhookSecret": ("RotateWebhookSecretInput", f"{_REGISTERED} {_PROBLEMS}"),
    "test{}Webhook": ("TestWebhookInput", "... on WebhookTestAsked { delivery }"),
    "replay{}Webhook": ("ReplayWebhookInput", _SAVED),
    "remove{}Webhook": ("RemoveWebhookInput", "... on WebhookRemoved { id }"),
}

Answer = dict[str, Any]


class Caller:
    """One sign-in at one gateway. Each method raises OperatorError, with what was refused."""

    def __init__(self, system: PartnerSystem) -> None:
        self._system = system

    async def listing(self) -> list[Answer]:
        asked = " ".join(f"{name}Webhooks {{ {_ENDPOINT} }}" for name in SERVICES)
        found = await self._asked(f"{{ {asked} }}", {})
        return [one for name in SERVICES for one in found[f"{name}Webhooks"] or ()]

    async def log(self, id_: str, first: int) -> list[Answer]:
        service = (await self._of(id_))["service"]
        document = f"query($n: Int!) {{ {service}Webhooks {{ id deliveries(first: $n) {{ {_DELIVERY} }} }} }}"
        found = (await self._asked(document, {"n": first}))[f"{service}Webhooks"]
        return next(list(one["deliveries"]) for one in found if one["id"] == id_)

    async def register(
        self, url: str, types: Sequence[str], services: Sequence[str], after: str | None
    ) -> tuple[str, list[Answer]]:
        """At each service that has such types, with one secret for all; the secret, and the endpoints."""
        if after is not None and len(services) != 1:
            raise OperatorError("A cursor is of one service's feed: say which with --service.")
        wanted = {name: _of_service(name, types) for name in services or SERVICES}
        strange = [one for one in types if not any(one in found for found in wanted.values())]
        if strange:
            raise OperatorError(f"No service has events of the type {strange[0]}: see docs/events.md.")
        secret, made = new_secret(), []
        for name, found in wanted.items():
            if found or not types:
                given = {"url": url, "types": found, "secret": secret, "after": after}
                made.append((await self._do("register{}Webhook", name, given))["webhook"])
        return secret, made

    async def change(self, id_: str, **given: Any) -> Answer:
        held = await self._of(id_)
        changed = {name: value for name, value in given.items() if value is not None}
        said = {"id": id_, "expectedVersion": held["version"], **changed}
        done = await self._do("change{}Webhook", held["service"], said)
        return dict(done["webhook"])

    async def rotate(self, id_: str, *, compromised: bool) -> str:
        service = (await self._of(id_))["service"]
        given = {"id": id_, "compromised": compromised}
        done = await self._do("rotate{}WebhookSecret", service, given)
        return str(done["secret"])

    async def test(self, id_: str) -> str:
        """Have a trial sent; the id of its entry in the log."""
        done = await self._do("test{}Webhook", (await self._of(id_))["service"], {"id": id_})
        return str(done["delivery"])

    async def replay(self, id_: str, after: str | None) -> Answer:
        service = (await self._of(id_))["service"]
        done = await self._do("replay{}Webhook", service, {"id": id_, "after": after})
        return dict(done["webhook"])

    async def remove(self, id_: str) -> None:
        await self._do("remove{}Webhook", (await self._of(id_))["service"], {"id": id_})

    async def _of(self, id_: str) -> Answer:
        found = next((one for one in await self.listing() if one["id"] == id_), None)
        if found is None:
            raise OperatorError(f"There is no webhook {id_}: `vereda webhooks list` shows yours.")
        return found

    async def _do(self, mutation: str, service: str, given: Mapping[str, Any]) -> Answer:
        variables = {"input": {"idempotencyKey": str(new_id()), **given}}
        done = dict((await self._asked(document(mutation, service), variables))["done"])
        if "code" in done:
            problems = (f"{one['field']} {one['problem']}" for one in done.get("problems") or ())
            raise OperatorError("; ".join(problems) or str(done["message"]))
        return done

    async def _asked(self, document: str, variables: dict[str, Any]) -> Answer:
        try:
            answer = await self._system.ask(document, variables)
        except (UnexpectedAnswerError, OSError, ValueError) as error:
            raise OperatorError(f"The network does not answer ({type(error).__name__}).") from None
        if answer.get("errors"):
            raise OperatorError(str(answer["errors"][0].get("message")))
        return dict(answer["data"])


def document(mutation: str, service: str) -> str:
    """How one of `MUTATIONS` of a service is asked for; the answer is in `done`."""
    given, answered = MUTATIONS[mutation]
    name = mutation.format(service.capitalize())
    return f"mutation($input: {given}!) {{ done: {name}(input: $input) {{ {answered} {_REFUSED} }} }}"


def _of_service(service: str, types: Sequence[str]) -> list[str]:
    known = [PREFIX + name for name in catalogue_of(service)]
    return [one for one in types if any(name.startswith(one) for name in known)]
