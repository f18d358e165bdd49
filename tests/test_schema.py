"""`schema/` says what the code says, composes, and has no place for what must not be collected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    TypeNode,
    build_schema,
    print_ast,
)
from graphql import parse as build_ast

from vereda.composition import FOLDER, stale_files, subgraph_sdls

#: R1: what no type of the graph may name. Word by word, so that `status` of a referral stays possible.
FORBIDDEN = re.compile(
    r"\b(immigration status|citizenship|nationality|country of (birth|origin)|birth ?place|place of birth|birth ?date"
    r"|date of birth|dob|alien number|a number|visa|passport|ssn|social security|itin|undocumented|unauthorized"
    r"|deportation|removal order)\b",
    re.IGNORECASE,
)
#: Services are named for what they offer, and our own warnings name what is left out.
ALLOWED = {"Nothing of their status, ever."}


def words(name: str) -> str:
    """`dateOfBirth` and `DATE_OF_BIRTH` as words."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)


def test_no_file_in_schema_is_stale() -> None:
    assert stale_files() == []


@pytest.mark.parametrize("service", ["partners", "referrals", "grants", "accounts"])
def test_each_service_prints_a_federation_2_schema(service: str) -> None:
    sdl = subgraph_sdls()[service]

    assert "https://specs.apollo.dev/federation/v2" in sdl
    assert sdl == (FOLDER / f"{service}.graphql").read_text()


def test_entities_are_owned_by_one_service_and_extended_by_others() -> None:
    def keyed(service: str) -> set[str]:
        sdl = subgraph_sdls()[service]
        return set(re.findall(r"^type (\w+) @key\(", sdl, re.MULTILINE))

    partners, referrals, grants, accounts = map(keyed, ("partners", "referrals", "grants", "accounts"))
    assert {"Organization", "Service", "Location", "Workshop", "County", "TaxonomyTerm"} <= partners
    assert referrals & partners == {"Organization", "Service", "County", "Workshop"}
    assert grants & referrals == {"Organization", "Client", "County"}
    assert accounts == {"Organization"}


def named_things(type_: GraphQLNamedType) -> list[str]:
    found = [type_.name, type_.description or ""]
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            found += [name, value.description or ""]
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in type_.fields.items():
            found += [name, field.description or ""]
            for argument, content in getattr(field, "args", {}).items():
                found += [argument, content.description or ""]
    return found


def test_nothing_in_the_graph_names_a_persons_status_birth_or_numbers_r1() -> None:
    schema = build_schema((FOLDER / "api.graphql").read_text())

    offending = [
        (type_.name, text)
        for type_ in schema.type_map.values()
        if not type_.name.startswith("__")
        for text in named_things(type_)
        if text not in ALLOWED and FORBIDDEN.search(words(text))
    ]

    assert offending == []


@pytest.mark.parametrize(
    "name", ["dateOfBirth", "IMMIGRATION_STATUS", "passportNumber", "countryOfBirth", "ssn"]
)
def test_the_lint_of_the_graph_would_notice_r1(name: str) -> None:
    assert FORBIDDEN.search(words(name))


def test_the_gateways_schema_offers_no_way_to_the_subgraphs_own_fields() -> None:
    api = (FOLDER / "api.graphql").read_text()

    assert not re.search(r"\b(_entities|_service|_Any|_Entity|join__)\b", api)


def test_every_list_that_can_grow_is_a_connection() -> None:
    schema = build_schema((FOLDER / "api.graphql").read_text())
    query = schema.query_type
    assert query is not None

    plain_lists = {name for name, field in query.fields.items() if str(field.type).startswith("[")}

    # Eight of the first, five of the second, two of the third, all of them in code; the others are bounded: what is
    # suggested, what lapses, how many seasons and what is a series is told by a number, what is linked by how often a person was recorded.
    assert plain_lists == {
        "counties",
        "tallyForms",
        "networkConsentScripts",
        "possibleDuplicates",
        "clientLinks",
        "raCalendar",
        "seasonFunnels",
        "partnersWebhooks",  # up to ten each
        "referralsWebhooks",
        "grantsWebhooks",
        "credentialsExpiring",
        "regionalSeries",
        "memberCounts",  # kinds of members by counties
        "coverageGaps",  # counties by the terms that were named
    }


def named(type_: TypeNode) -> str:
    return re.sub(r"[\[\]!]", "", print_ast(type_))


def foreign_fields(service: str) -> list[tuple[str, str, str]]:
    """Fields through which a failing service would take down what others answered: `(type, field, its type)`."""
    mine = build_ast(subgraph_sdls()[service])
    owned = {
        "partners": set(),
        "referrals": {"Organization", "Service", "County"},
        "grants": {"Organization", "Client"},
        "accounts": {"Organization"},
    }[service]
    found = []
    for type_ in mine.definitions:
        if not isinstance(type_, ObjectTypeDefinitionNode | ObjectTypeExtensionNode):
            continue
        for field in type_.fields or ():
            key = type_.name.value in owned and field.name.value in ("id", "fips", "handle")
            reaches_out = named(field.type) in owned
            extends = type_.name.value in owned | {"Query", "Mutation"} and not key
            if (reaches_out or extends) and not field.name.value.startswith("_"):
                found.append((type_.name.value, field.name.value, print_ast(field.type)))
    return found


@pytest.mark.parametrize("service", ["partners", "referrals", "grants", "accounts"])
def test_a_failing_service_leaves_a_named_gap_and_takes_nothing_else_with_it(service: str) -> None:
    fields = foreign_fields(service)

    assert fields
    assert [
        field for field in fields if field[2].endswith("!") and not field[2].startswith("[Organization]")
    ] == []


def test_descriptions_are_there_for_what_a_client_writes() -> None:
    schema = build_schema((FOLDER / "api.graphql").read_text())
    mutation = schema.mutation_type
    assert mutation is not None

    assert [name for name, field in mutation.fields.items() if not field.description] == []
    assert Path(FOLDER, "supergraph.graphql").exists()
