"""Reading one resource by its id. What the graph does not show is not there, and looks like what never was (R16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from facades.fhir import documents, resources
from facades.fhir.outcomes import checked, refused
from facades.fhir.seeing import Node, Resource, Seen
from vereda.facade import Ask

#: Nothing but what a Task itself says.
BARE: Final[Mapping[str, bool]] = {
    "focus": False,
    "patient": False,
    "consents": False,
    "requester": False,
    "owner": False,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a kind of resource is read: by which document, from which of its root fields, with which variables besides."""

    document: str
    root: str
    build: Callable[[Node, Seen], Resource]
    variables: Mapping[str, Any]


READINGS: Final[Mapping[str, Reading]] = {
    "Task": Reading(documents.REFERRAL, "referral", resources.task, BARE),
    "ServiceRequest": Reading(
        documents.REFERRAL, "referral", resources.service_request, {**BARE, "focus": True}
    ),
    "Patient": Reading(documents.CLIENT, "client", resources.patient, {}),
    "Consent": Reading(documents.CONSENT, "consent", resources.consent, {}),
    "Organization": Reading(documents.ORGANIZATION, "organization", resources.organization, {}),
    "HealthcareService": Reading(documents.SERVICE, "service", resources.healthcare_service, {}),
}


async def read(ask: Ask, request: Request, kind: str, id_: str) -> Resource:
    """The resource. Raises: RefusedError 404 for what there is not, and for what the caller may not know of."""
    if not is_id(id_):
        raise absent(kind)
    reading = READINGS[kind]
    answer = await ask(reading.document, {"id": id_, **reading.variables}, request)
    node = checked(answer)[reading.root]
    if node is None:
        raise absent(kind)
    return reading.build(node, Seen.of(answer.extensions).at(reading.root))


def absent(kind: str) -> Exception:
    return refused(404, f"There is no such {kind}, or you may not know of it.")


def is_id(text: str) -> bool:
    """Whether this is an id of ours: all of them are UUIDs in their usual form."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
