"""One grammar (docs/grammar.md): what is said of lists, filters, orders, mutations, refusals and versions is so of all of them.

Whatever departs from it is named here, with the reason why; a new departure has to be entered, and so does one that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql import parse as build_ast

from vereda.composition import FOLDER, subgraph_sdls

SCHEMA: Final[GraphQLSchema] = build_schema((FOLDER / "api.graphql").read_text())
SERVICES: Final = ("Partners", "Referrals", "Grants")

#: Lists of things that live by themselves, and that come whole: there is a bound to them.
BOUNDED: Final[Mapping[str, str]] = {
    "Query.counties": "the region's eight",
    "Organization.counties": "the region's eight",
    "Organization.programs": "what one organisation calls its programs",
    "Organization.practitioners": "who represents clients at one organisation",
    "Organization.trustedPartners": "whom one organisation trusts: 200 at most",
    "Service.terms": "what one service is filed under",
    "Service.serviceAtLocations": "where one service is offered",
    "Location.servicesAtLocation": "what is offered at one place",
    "StandingsFiled.services": "as many as were filed",
    "LegalCapacity.services": "those of immigration law in one county",
    "ServiceSearchEdge.matchedTerms": "what one service was found by",
    "Workshop.terms": "what one workshop is filed under",
    "Workshop.practitioners": "who is there",
    "WorkshopClashes.freePlaces": "suggestions, a few",
    "Caseload.participants": "whom one person can help: 200 at most",
    "Client.participations": "one person's seats in courses",
    "Client.grantApplications": "one person's applications",
    "WaitingListRolled.participants": "who waited for one cohort",
    "Client.consents": "one person's",
    "Consent.recipients": "whom one person named",
    "Referral.children": "what one referral was redirected to",
}
#: Arguments of lists that say whose list it is, or of what: without them it would be another list, and not a longer one.
WHOSE: Final[Mapping[str, str]] = {
    "Query.members(organization)": "the network's coordinator asks for another's",
    "Query.apiClients(organization)": "the network's coordinator asks for another's",
    "Query.securityEvents(organization)": "the network's coordinator asks for another's",
    "Query.securityEvents(subject)": "one account's",
    "Query.raApplications(organization)": "the network's coordinator asks for another's",
    "Query.taxonomyTerms(scheme)": "a taxonomy's",
    "Query.privilegedNotes(referral)": "a referral's",
    "Query.deliverablesDue(withinDays)": "what is due is due by a day",
    "Query.unfilledShifts(from)": "shifts are those of some days",
    "Query.unfilledShifts(to)": "shifts are those of some days",
}
#: Mutations of an `id` without a version: nothing of what others wrote meanwhile is lost by them.
ONCE: Final[Mapping[str, str]] = {
    "answerFollowUp": "a question is answered once",
    "amendSubAward": "`number`, of the next amendment, is the version",
    "rotateWebhookSecret": "it makes another secret each time",
    "testWebhook": "it sends something, and changes nothing",
    "replayWebhook": "it sends again, and changes nothing",
    "removeWebhook": "it is removed once",
    "endCredential": "a credential ends once",
    "confirmCredential": "it is entered once",
    "reviewEmergency": "two people review, each once",
    "recordClientTold": "it is entered once",
    "revokeConsent": "a revocation is never refused (R9)",
    "unlinkClients": "a link is undone once",
    "confirmLegalHold": "a second person's word, once",
    "liftLegalHold": "two people's words, each once",
    "decideLegalDemand": "two people's words, each once",
    "exportForLegalDemand": "it is entered anew each time",
    "proposeReopening": "one side's word, once",
    "rematchReferral": "it makes another referral",
}
#: Mutations without an idempotency key.
UNKEYED: Final[Mapping[str, str]] = {
    "proveConsent": "it makes a statement for a minute, and keeps nothing",
    "moveReferrals": "each of its moves has a key of its own",
}


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object of the graph, as `Type.field`."""
    for type_ in SCHEMA.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field


def connections() -> Iterator[tuple[str, GraphQLField]]:
    return ((name, field) for name, field in fields() if str(field.type).rstrip("!").endswith("Connection"))


def entities() -> set[str]:
    """The types that live by themselves: each has a key in some service."""
    printed = "\n".join(subgraph_sdls().values())
    return set(re.findall(r"^type (\w+) @key\(", printed, re.MULTILINE))


def mutations() -> dict[str, GraphQLField]:
    """The three services' mutations. Accounts of the gateway's own go by what they name, and saying it twice changes nothing."""
    assert SCHEMA.mutation_type is not None
    own = {
        field.name.value
        for definition in build_ast(subgraph_sdls()["accounts"]).definitions
        if getattr(getattr(definition, "name", None), "value", None) == "Mutation"
        for field in getattr(definition, "fields", ())
    }
    assert own
    # What each service has alike from the kernel bears the service's name in the field, and in nothing else.
    return {
        re.sub(rf"({'|'.join(SERVICES)})(?=Webhook)", "", name, flags=re.IGNORECASE): field
        for name, field in SCHEMA.mutation_type.fields.items()
        if name not in own
    }


def input_of(field: GraphQLField) -> GraphQLInputObjectType:
    [given] = field.args.values()
    type_ = get_named_type(given.type)
    assert isinstance(type_, GraphQLInputObjectType)
    return type_


def members(field: GraphQLField) -> list[GraphQLObjectType]:
    type_ = get_named_type(field.type)
    return list(type_.types) if isinstance(type_, GraphQLUnionType) else []


def is_refusal(type_: GraphQLObjectType) -> bool:
    return {"code", "message"} <= type_.fields.keys()


def of_list(argument: GraphQLArgument, kind: str) -> bool:
    """Whether an argument is the list's `filter` or `orderBy`."""
    name = get_named_type(argument.type).name
    return name.endswith(kind)


def test_every_list_is_a_connection_or_named_with_its_bound() -> None:
    living = entities()
    plain = {
        name
        for name, field in fields()
        if is_list_type(get_nullable_type(field.type))
        and get_named_type(field.type).name in living
        and not name.endswith((".nodes", ".edges"))
    }

    assert plain == BOUNDED.keys()


def test_every_connection_is_relays() -> None:
    kinds = {str(get_named_type(field.type)) for _, field in connections()}

    assert len(kinds) > 20
    for kind in kinds:
        type_ = SCHEMA.type_map[kind]
        assert isinstance(type_, GraphQLObjectType)
        edge = SCHEMA.type_map[kind.removesuffix("Connection") + "Edge"]
        assert isinstance(edge, GraphQLObjectType)
        node = str(edge.fields["node"].type)  # a connection may tell more than that, and so may its edges
        shape = {"edges": f"[{edge.name}!]!", "nodes": f"[{node}]!", "pageInfo": "PageInfo!"}
        assert shape.items() <= {name: str(field.type) for name, field in type_.fields.items()}.items(), kind
        assert str(edge.fields["cursor"].type) == "String!", kind


def test_every_list_is_paged_filtered_and_ordered_by_arguments_of_the_same_names() -> None:
    whose = set()
    for name, field in connections():
        assert {one: str(field.args[one].type) for one in ("first", "after")} == {
            "first": "Int",
            "after": "String",
        }, name
        for argument, given in field.args.items():
            if argument == "filter":
                assert of_list(given, "Filter"), name
                assert not isinstance(given.type, GraphQLNonNull), name
            elif argument == "orderBy":
                assert of_list(given, "Order"), name
                assert isinstance(get_named_type(given.type), GraphQLEnumType), name
                # Without a default it is the list's own order, which its description tells.
                assert not isinstance(given.type, GraphQLNonNull) or given.default_value is not None, name
            elif argument not in ("first", "after"):
                whose.add(f"{name}({argument})")

    assert whose == WHOSE.keys()


def test_every_filter_is_of_lists_alone_and_asks_for_nothing_that_is_not_given() -> None:
    used = {
        get_named_type(field.args["filter"].type).name for _, field in connections() if "filter" in field.args
    }
    filters = {
        name
        for name, type_ in SCHEMA.type_map.items()
        if name.endswith("Filter") and isinstance(type_, GraphQLInputObjectType)
    }

    assert used == filters
    for name in filters:
        type_ = SCHEMA.type_map[name]
        assert isinstance(type_, GraphQLInputObjectType)
        for field, given in type_.fields.items():
            optional = not isinstance(given.type, GraphQLNonNull) or given.default_value is not None
            assert optional, f"{name}.{field}"
            several = is_list_type(get_nullable_type(given.type))
            assert not several or field.endswith("s"), (
                f"{name}.{field}: of several values any, and so in plural"
            )


def test_every_order_is_a_column_and_a_direction() -> None:
    used = {
        get_named_type(field.args["orderBy"].type).name
        for _, field in connections()
        if "orderBy" in field.args
    }
    orders = {
        type_.name
        for type_ in SCHEMA.type_map.values()
        if isinstance(type_, GraphQLEnumType) and type_.name.endswith("Order")
    }

    assert used == orders
    for name in orders:
        type_ = SCHEMA.type_map[name]
        assert isinstance(type_, GraphQLEnumType)
        assert [value for value in type_.values if not re.fullmatch(r"[A-Z_]+_(ASC|DESC)", value)] == [], name
        assert type_.description, name


def test_every_mutation_takes_one_input_of_its_own_name() -> None:
    for name, field in mutations().items():
        assert list(field.args) == ["input"], name
        assert str(field.args["input"].type) == f"{name[0].upper()}{name[1:]}Input!", name


def test_every_mutation_takes_an_idempotency_key() -> None:
    without = {
        name
        for name, field in mutations().items()
        if str(getattr(input_of(field).fields.get("idempotencyKey"), "type", None)) != "String!"
    }

    assert without == UNKEYED.keys()


def test_every_mutation_answers_with_one_success_or_a_typed_refusal() -> None:
    for name, field in mutations().items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLUnionType), name
        assert payload.name.endswith("Payload"), name
        assert not isinstance(field.type, GraphQLNonNull), name
        assert len([one for one in members(field) if not is_refusal(one)]) == 1, name


def test_every_refusal_has_a_code_and_words() -> None:
    refusals = {one.name: one for field in mutations().values() for one in members(field) if is_refusal(one)}

    assert {"InvalidInput", "NotFound", "NotAllowed", "VersionConflict"} <= refusals.keys()
    for name, refusal in refusals.items():
        assert {one: str(refusal.fields[one].type) for one in ("code", "message")} == {
            "code": "String!",
            "message": "String!",
        }, name


def test_every_change_of_what_is_there_names_the_version_that_was_read() -> None:
    blind = set()
    for name, field in mutations().items():
        given, payload = input_of(field).fields, {one.name for one in members(field)}
        if "expectedVersion" in given:
            assert "VersionConflict" in payload, name
            shown = [
                get_named_type(value.type)
                for one in members(field)
                if not is_refusal(one)
                for value in one.fields.values()
            ]
            assert any("version" in getattr(one, "fields", {}) for one in shown), name
        elif "id" in given:
            blind.add(name)

    assert blind == ONCE.keys()


def test_no_service_answers_for_a_field_of_anothers() -> None:
    """A value that all three have alike is shareable; what has a key is its owner's, and nobody keeps a copy to provide."""
    printed = subgraph_sdls()
    shareable = {
        name
        for sdl in printed.values()
        for name in re.findall(r"^type (\w+)(?: implements \w+)?[^{\n]* @shareable", sdl, re.MULTILINE)
    }

    assert {"PageInfo", "InvalidInput", "VersionConflict"} <= shareable
    assert not shareable & entities()
    assert not [sdl for sdl in printed.values() if "@provides(" in sdl or "@override(" in sdl]
