"""The gateway's wall says what the services' wall does: what opens an operation in code opens it in the supergraph."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import pytest
from graphql import GraphQLObjectType

from gateway.engine import Engine, GraphQLRequest
from gateway.identity import Identity
from gateway.supergraph import Authorization, Supergraph, load
from gateway.transport import SubgraphAnswer
from tests.support.inputs import Inputs, call
from tests.walls.test_scopes import ADMINISTRATORS, NEEDS, OPEN, SERVICES, STUBS
from vereda.caller import Scope
from vereda.composition import FOLDER

S = Scope
#: Of operations for two sides, what opens the one or the other: which side it is, the row decides.
TWO_SIDED: Final = {
    "Mutation.moveReferral": frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    "Mutation.proposeReopening": frozenset({S.REFERRAL_SEND, S.REFERRAL_RECEIVE}),
    "Query.filledForm": frozenset({S.TALLY_SUBMIT, S.REPORT_READ}),  # one's own, or the network's
    "Mutation.moveGrantApplication": frozenset({S.GRANT_APPLY, S.GRANT_REVIEW}),
}
#: Entities that every way to them asks the same for. Others are also led to by what asks for something else: there the
#: fields that lead to them say what they ask for.
GUARDED_TYPES: Final = {
    "Referral",
    "Consent",
    "Participant",
    "CohortApplication",
    "GrantApplication",
    "Award",
}
ROOTS: Final = {
    operation: TWO_SIDED.get(operation, needed)
    for (_, operation), needed in NEEDS.items()
    if not operation.startswith("_Entity.")
}


@cache
def supergraph() -> Supergraph:
    return load((FOLDER / "supergraph.graphql").read_text())


def opened_by(coordinate: str) -> frozenset[str] | None:
    """The scopes of which any one is enough; None where none is asked for."""
    said = supergraph().authorization.get(coordinate, Authorization())
    if said.scopes is None:
        return None
    assert all(len(together) == 1 for together in said.scopes)
    return frozenset(scope for (scope,) in said.scopes)


@pytest.mark.parametrize("operation", ROOTS)
def test_an_operation_asks_at_the_gateway_for_what_it_asks_for_in_code(operation: str) -> None:
    needed = ROOTS[operation]

    assert opened_by(operation) == (None if needed == OPEN else {scope.value for scope in needed})


@pytest.mark.parametrize(
    ("service", "kind"),
    [(service, what.partition(".")[2]) for service, what in NEEDS if what.startswith("_Entity.")],
)
def test_a_type_asks_for_what_every_way_to_it_asks_for(service: str, kind: str) -> None:
    needed = NEEDS[service, f"_Entity.{kind}"]

    if kind in GUARDED_TYPES:
        assert opened_by(kind) == {scope.value for scope in needed}
    else:
        assert opened_by(kind) is None


@pytest.mark.parametrize(("service", "kind"), STUBS)
def test_what_a_service_adds_to_anothers_entity_asks_for_scopes(service: str, kind: str) -> None:
    declared = SERVICES[service].schema._schema.type_map[kind]
    assert isinstance(declared, GraphQLObjectType)
    added = [f"{kind}.{name}" for name in declared.fields if name not in ("id", "handle", "assurance")]

    assert added
    assert all(opened_by(coordinate) for coordinate in added)


def test_every_scope_that_the_graph_asks_for_is_one_that_there_is() -> None:
    asked = {
        scope
        for said in supergraph().authorization.values()
        for together in said.scopes or ()
        for scope in together
    }

    assert asked <= {scope.value for scope in Scope}
    assert {scope.value for scope in ADMINISTRATORS} <= asked


class Nobody:
    """A transport that writes down whom it was to ask, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        self.asked.append(subgraph)
        return SubgraphAnswer(200, b'{"data":null}')

    async def close(self) -> None: ...


@pytest.mark.parametrize("operation", [name for name, needed in ROOTS.items() if needed != OPEN])
async def test_no_service_is_asked_for_an_operation_without_its_scope(operation: str) -> None:
    root, _, name = operation.partition(".")
    schema = supergraph().api_schema
    kind = schema.query_type if root == "Query" else schema.mutation_type
    assert kind is not None
    field = kind.fields[name]
    given = Inputs({}).arguments(name, field)
    request = GraphQLRequest(call(root.lower(), name, field, given), variables=given)
    held = frozenset(scope.value for scope in Scope if scope not in ROOTS[operation])
    transport = Nobody()
    engine = Engine(supergraph(), transport)

    refused = await engine.execute(request, Identity("without", scopes=held))

    assert refused.data == {name: None}
    assert [(error["extensions"]["code"], error["path"]) for error in refused.errors] == [
        ("UNAUTHORIZED_FIELD_OR_TYPE", [name])
    ]
    assert transport.asked == []

    await engine.execute(request, Identity("with", scopes=frozenset({next(iter(ROOTS[operation])).value})))
    assert transport.asked
