"""Authorisation and cost directives, by coordinate ("Federation 2 §authorization", "§demand control")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import EnumTypeDefinitionNode, TypeDefinitionNode

from gateway.supergraph.links import Links
from gateway.supergraph.model import Alternatives, Authorization, ListSize
from gateway.supergraph.reader import applied

_Located: TypeAlias = Iterator[tuple[str, object]]


def read_authorization(
    definitions: Mapping[str, TypeDefinitionNode], links: Links
) -> dict[str, Authorization]:
    """`@authenticated`, `@requiresScopes(scopes:)` and `@policy(policies:)` on types and fields."""
    found: dict[str, Authorization] = {}
    for coordinate, node in _located(definitions):
        authenticated = bool(applied(node, links.local["authenticated"]))
        scopes = _alternatives(applied(node, links.local["requiresScopes"]), "scopes")
        policies = _alternatives(applied(node, links.local["policy"]), "policies")
        if authenticated or scopes is not None or policies is not None:
            found[coordinate] = Authorization(authenticated, scopes, policies)
    return found


def read_costs(definitions: Mapping[str, TypeDefinitionNode], links: Links) -> dict[str, float]:
    """`@cost(weight:)`: Federation has an Int there, IBM's specification a Float in a String."""
    return {
        coordinate: _weight(said["weight"])
        for coordinate, node in _located(definitions)
        for said in applied(node, links.local["cost"])
    }


def _weight(said: str | float) -> float:
    weight = float(said)
    return int(weight) if weight.is_integer() else weight


def read_list_sizes(definitions: Mapping[str, TypeDefinitionNode], links: Links) -> dict[str, ListSize]:
    """`@listSize(assumedSize:, slicingArguments:, sizedFields:, requireOneSlicingArgument:)`."""
    return {
        coordinate: ListSize(
            said.get("assumedSize"),
            tuple(said.get("slicingArguments") or ()),
            tuple(said.get("sizedFields") or ()),
            said.get("requireOneSlicingArgument", True) is not False,
        )
        for coordinate, node in _located(definitions)
        for said in applied(node, links.local["listSize"])
    }


def _located(definitions: Mapping[str, TypeDefinitionNode]) -> _Located:
    """Each type, field and argument with its coordinate."""
    for name, node in definitions.items():
        yield name, node
        if isinstance(node, EnumTypeDefinitionNode):
            continue
        for item in getattr(node, "fields", None) or ():
            yield f"{name}.{item.name.value}", item
            for argument in getattr(item, "arguments", None) or ():
                yield f"{name}.{item.name.value}({argument.name.value}:)", argument


def _alternatives(said_all: list[dict[str, Any]], name: str) -> Alternatives | None:
    """`[[a, b], [c]]`: (a and b) or c. Lists may be written without their brackets, as GraphQL allows.

    None where nothing is said. Where a directive stands twice, both hold.
    """
    found: Alternatives | None = None
    for said in said_all:
        outer = said.get(name) or []
        inners = outer if isinstance(outer, list) else [outer]
        here = tuple(tuple(inner) if isinstance(inner, list) else (str(inner),) for inner in inners)
        found = here if found is None else tuple((*one, *other) for one in found for other in here)
    return found
