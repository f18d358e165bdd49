"""Whatever is sent to the FHIR facade, it is refused or taken: nothing of it breaks, and nothing is asked of the graph by it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from graphql import build_schema, parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams
from starlette.requests import Request

from facades.fhir import codes, documents
from facades.fhir.moving import patched, put
from facades.fhir.outcomes import BY_CODE, RefusedError
from facades.fhir.receiving import receive
from facades.fhir.searching import parse as parse_search
from facades.fhir.states import STATES_OF
from facades.fhir.validating import validate as validate_resource
from tests.facades.bundles import bundle, referral
from tests.facades.network import ROOT, Partner
from tests.test_docs import sources
from vereda.facade import Answer
from vereda.ids import new_id

SOMETHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=12), inside, max_size=3),
    max_leaves=6,
)
TO = Partner(None, new_id(), "x", new_id())  # type: ignore[arg-type]  # only its ids are looked at
REQUEST = Request({"type": "http", "headers": [], "method": "POST", "path": "/"})
STANDING = {
    "id": str(new_id()),
    "version": 3,
    "state": "ACCEPTED",
    "fhirStatus": "accepted",
    "allowedMoves": [
        {
            "move": move,
            "through": "moveReferral",
            "needsOutcome": False,
            "needsOffer": False,
            "reasons": reasons,
            "forbidden": None,
        }
        for move, reasons in (("START", []), ("DECLINE", ["OTHER", "NO_CAPACITY"]), ("SCHEDULE", []))
    ],
}
NODE = {
    **dict.fromkeys(
        (
            "subState",
            "bserStatus",
            "loop",
            "reason",
            "outcome",
            "dueAt",
            "placerId",
            "fillerId",
            "recipient",
            "consent",
            "parent",
        )
    ),
    "id": STANDING["id"],
    "version": 4,
    "urgency": "ROUTINE",
    "sentAt": "2026-01-01T00:00:00Z",
    "changedAt": "2026-01-01T00:00:00Z",
    "status": "OPEN",
    "state": "ACCEPTED",
    "fhirStatus": "accepted",
    "sender": {"id": str(new_id())},
    "client": {"handle": str(new_id())},
}
ANSWERS: Mapping[str, dict[str, Any]] = {
    documents.OFFER: {
        "service": {
            "id": str(TO.service),
            "offer": "o",
            "organization": {"id": str(TO.organization)},
            "terms": [{"code": "basic"}],
        }
    },
    documents.BY_PLACER: {"referralByPlacerId": None},
    documents.CLIENT: {"client": {"handle": str(new_id()), "language": "spa"}},
    documents.RECORD_CLIENT: {"recordClient": {"client": {"handle": str(new_id()), "version": 1}}},
    documents.RECORD_CONSENT: {"recordConsent": {"consent": {"id": str(new_id())}}},
    documents.SEND: {"sendReferral": {"referral": {"id": str(new_id()), "version": 2}}},
    documents.STANDING: {"referral": STANDING},
    documents.MOVE: {"moveReferral": {"referral": {"id": STANDING["id"], "version": 4}}},
    documents.SAY: {"postMessage": {"posted": {"id": "m"}}},
    documents.REFERRAL: {"referral": NODE, "myOrganization": None},
}


#: What leads from there to each status.
MADE = {"rejected": ["DECLINE"], "in-progress": ["START"], "completed": ["START", "COMPLETE"]}


@contextmanager
def may_be_refused(*statuses: int) -> Iterator[None]:
    """What breaks otherwise than by being refused with one of these fails the test."""
    try:
        yield
    except RefusedError as refusal:
        if refusal.status not in statuses:
            raise


class Graph:
    """Answers each document with a success, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []

    async def __call__(self, document: str, variables: Mapping[str, Any], request: Request) -> Answer:
        json.dumps(variables)
        self.asked.append((document, variables))
        return Answer(data=ANSWERS[document])


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield (*at, name)
        yield from places(one, (*at, name))


def replaced(value: Any, at: tuple[Any, ...], by: Any) -> Any:
    changed = copy.deepcopy(value)
    inside = changed
    for name in at[:-1]:
        inside = inside[name]
    inside[at[-1]] = by
    return changed


WHOLE = bundle(
    referral(
        TO,
        Patient={
            **referral(TO)["Patient"],
            "extension": [{"url": codes.AGE_BAND, "valueCode": "FROM_65"}],
            "modifierExtension": [
                {"url": codes.CONTACT_MODE, "extension": [{"url": "mode", "valueCode": "ANY"}]}
            ],
        },
    ),
    "b",
)
TASK = {
    "resourceType": "Task",
    "id": STANDING["id"],
    "intent": "order",
    "status": "rejected",
    "statusReason": {"coding": [{"system": codes.REASONS, "code": "NO_CAPACITY"}], "text": "no"},
    "businessStatus": {"coding": [{"system": codes.STATES, "code": "ACCEPTED"}]},
    "identifier": [{"type": {"coding": [{"code": "FILL"}]}, "value": "x"}],
    "output": [
        {
            "type": {"text": "outcome"},
            "valueCodeableConcept": {"coding": [{"system": codes.OUTCOMES, "code": "ADVICE_ONLY"}]},
        }
    ],
}
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.sampled_from(sorted(places(WHOLE), key=str)), SOMETHING)
async def test_a_bundle_with_anything_anywhere_is_taken_or_refused(at: tuple[Any, ...], by: Any) -> None:
    graph = Graph()
    with may_be_refused(400, 404, 413, 422):
        await receive(graph, REQUEST, replaced(WHOLE, at, by))
    assert {document for document, _ in graph.asked} <= set(ANSWERS)


@FEW
@given(st.sampled_from(sorted(places(TASK), key=str)), SOMETHING)
async def test_a_task_with_anything_anywhere_is_set_or_refused(at: tuple[Any, ...], by: Any) -> None:
    task = replaced(TASK, at, by)
    with may_be_refused(400, 409, 422):
        await put(Graph(), REQUEST, STANDING["id"], validate_resource(task, "Task"), None)


@FEW
@given(
    SOMETHING
    | st.lists(
        st.fixed_dictionaries(
            {
                "op": st.sampled_from(("add", "remove", "test", "move", "")),
                "path": st.sampled_from(("/status", "/for", "", "/output/0")),
                "value": SOMETHING,
            }
        )
    )
)
def test_a_patch_of_anything_is_made_or_refused(operations: Any) -> None:
    with may_be_refused(400, 409, 422):
        assert patched(dict(TASK), operations)["resourceType"] == "Task"


@FEW
@given(
    st.dictionaries(
        st.sampled_from(
            ("_lastUpdated", "status", "owner", "_count", "_include", "_page", "_id", "_sort", "x")
        ),
        st.text(max_size=40),
        max_size=3,
    )
)
def test_a_search_for_anything_is_parsed_or_refused(given_: dict[str, str]) -> None:
    with may_be_refused(400):
        assert 1 <= parse_search(QueryParams(given_)).count <= 50


def test_every_document_is_fixed_and_fits_the_public_graph() -> None:
    api = build_schema((ROOT / "schema" / "api.graphql").read_text())
    whole = {
        name: text for name, text in vars(documents).items() if name.isupper() and not name.startswith("_")
    }

    assert len(whole) > 10
    assert {name: validate(api, parse(text)) for name, text in whole.items()} == {name: [] for name in whole}


def test_every_code_that_is_put_into_http_is_one_of_the_graphs() -> None:
    known = sources()

    assert [
        code
        for code in BY_CODE
        if f'"{code}"' not in known
        and code not in ("UNAUTHORIZED_FIELD_OR_TYPE", "SUBGRAPH_UNAVAILABLE", "COST_ESTIMATED_TOO_EXPENSIVE")
    ] == []


@pytest.mark.parametrize("status", STATES_OF)
async def test_each_status_leads_to_moves_or_to_what_can_be_set(status: str) -> None:
    graph = Graph()
    with may_be_refused(422):
        await put(graph, REQUEST, STANDING["id"], {**TASK, "status": status}, None)
    moves = [variables["input"]["move"] for document, variables in graph.asked if document == documents.MOVE]
    assert moves == MADE.get(status, [])
