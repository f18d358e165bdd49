"""No bulk export of identified clients across organisations exists, for any role (R26).

Every way that the graph has to a list of clients is walked, and every command that gives something out: a new one fails
here until it is said why it is none.
"""

from __future__ import annotations

from typing import Final

from graphql import GraphQLObjectType, GraphQLUnionType, build_schema, get_named_type

from gateway.people.roles import SCOPES
from tests.support.subgraph import caller_of
from tests.walls.test_scopes import SERVICES
from vereda import referral_commands
from vereda.caller import Scope
from vereda.cli import export_app
from vereda.composition import FOLDER

#: Types with the name of a person, or how to reach them.
IDENTIFIED: Final = frozenset({"Client"})
#: Every list of them that there is, and what bounds it.
LISTS: Final = {
    "Query.clients": "one's own: `home_organization_id` is the caller's, in the query and by row-level security",
}
#: What goes out in one answer about several of one's own clients, and what bounds it.
EXPORTS: Final = {
    "exportForLegalDemand": "one's own, at most 20, named by a demand that two people approved (R25)"
}


def api() -> dict[str, GraphQLObjectType]:
    schema = build_schema((FOLDER / "api.graphql").read_text(), assume_valid=True)
    return {name: kind for name, kind in schema.type_map.items() if isinstance(kind, GraphQLObjectType)}


def test_r26_every_list_of_clients_in_the_graph_is_of_ones_own() -> None:
    kinds = api()
    pages = {
        name
        for name, kind in kinds.items()
        if name.endswith(("Connection", "Edge"))
        and any(get_named_type(field.type).name in IDENTIFIED for field in kind.fields.values())
    }
    pages |= {
        name
        for name, kind in kinds.items()
        if any(get_named_type(field.type).name in pages for field in kind.fields.values())
        and name.endswith("Connection")
    }
    lists = {
        f"{name}.{field}"
        for name, kind in kinds.items()
        if name not in pages and not name.startswith("__")
        for field, declared in kind.fields.items()
        if get_named_type(declared.type).name in pages
        or (get_named_type(declared.type).name in IDENTIFIED and "[" in str(declared.type))
    }

    assert lists == set(LISTS)


def test_r26_no_answer_is_a_file_of_clients_but_what_a_demand_allows() -> None:
    """Mutations and queries whose answers are words of their own: those that say so are known."""
    exporting = {
        field
        for kind in (service.schema._schema.mutation_type for service in SERVICES.values())
        if kind is not None
        for field in kind.fields
        if "export" in field.lower() or "dump" in field.lower()
    }

    assert exporting == set(EXPORTS)


def test_r26_no_command_gives_out_clients() -> None:
    """`vereda export` has the directory and its calendar, which know no client, and grants as amounts without names."""
    commands = {command.name for command in export_app.registered_commands}

    assert commands == {"hsds", "ics", "360giving"}
    # A box goes out as states and times: tests/facades/test_sheets.py holds that nobody is in it.
    assert {command.name for command in referral_commands.app.registered_commands} == {"export", "import"}
    assert {command.name for command in referral_commands.clients_app.registered_commands} == {"import"}
    partners = SERVICES["partners"].schema._schema
    assert not IDENTIFIED & set(partners.type_map)


def test_r26_no_role_reads_clients_across_organisations() -> None:
    """Who is over all organisations reads no client, and who reads clients is of one organisation."""
    for role, scopes in SCOPES.items():
        assert not {Scope.ADMIN_NETWORK, Scope.CLIENT_READ} <= scopes, role
    assert caller_of().organization is not None


def test_r26_entities_are_asked_for_by_ones_own_handles_and_never_listed() -> None:
    schema = SERVICES["referrals"].schema._schema
    entities = schema.type_map["_Entity"]
    assert isinstance(entities, GraphQLUnionType)
    keyed = {kind.name for kind in entities.types}

    assert keyed >= IDENTIFIED  # by handle: tests/walls/test_rows_of_others.py holds that it is one's own
