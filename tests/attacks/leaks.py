"""What tells of the schema, the plan or the insides to somebody who was not told."""

from __future__ import annotations

from tests.attacks.catalogue import Dropped, Harmless, Refused, attack, body, document, parameters
from tests.attacks.wire import Sent

_MOTTO = {"motto": "nobody alone"}


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection() -> Sent:
    """There is no introspection in production."""
    return document("{ __schema { queryType { name } types { name } } }")


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection_of_one_type() -> Sent:
    """There is no introspection in production."""
    return document('{ __type(name: "Person") { fields { name } } }')


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection_with_a_newline_and_commas() -> Sent:
    """The parsed document is looked at, not its text."""
    return document("{ ,,,__schema\n\n,#comment\n{ types { name } } }")


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection_in_a_fragment() -> Sent:
    """The parsed document is looked at, its fragments too."""
    return document("query Q { motto ...f } fragment f on Query { a: __schema { types { name } } }")


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection_in_the_other_operation() -> Sent:
    """All operations of a document are looked at, not only the one that is executed."""
    return body({"query": "query A { motto } query B { __schema { types { name } } }", "operationName": "A"})


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection_behind_a_condition() -> Sent:
    """What a condition leaves out is there all the same."""
    return document(
        "query Q($no: Boolean = false) { motto ... @include(if: $no) { __schema { types { name } } } }"
    )


@attack("leak", Refused("INTROSPECTION_DISABLED"))
def introspection_by_get() -> Sent:
    """There is no introspection in production, by no method."""
    return parameters({"GraphQL-Preflight": "1"}, query="{ __schema { types { name } } }")


@attack("leak", Refused("GRAPHQL_VALIDATION_FAILED"), "clairvoyance")
def a_misspelt_field() -> Sent:
    """No error suggests what would be right, or says more than where it is wrong."""
    return document("{ persons { nam phon } }")


@attack("leak", Refused("GRAPHQL_VALIDATION_FAILED"), "clairvoyance")
def a_misspelt_argument() -> Sent:
    """No error suggests what would be right, or says more than where it is wrong."""
    return document("{ people(fist: 1) { id } }")


@attack("leak", Refused("GRAPHQL_VALIDATION_FAILED"), "clairvoyance")
def a_misspelt_type() -> Sent:
    """No error suggests what would be right, or says more than where it is wrong."""
    return document("query($f: Filtr) { echo(filter: $f) ... on Persn { id } }")


@attack("leak", Refused("GRAPHQL_VALIDATION_FAILED"), "clairvoyance")
def a_field_without_its_argument() -> Sent:
    """No error names an argument, a type or a field of the schema."""
    return document("{ person { name { first } } people }")


@attack("leak", Refused("BAD_USER_INPUT"), "clairvoyance")
def a_misspelt_input_field() -> Sent:
    """What is wrong with a variable is told by its path, without suggestions."""
    return document("query($f: Filter) { echo(filter: $f) }", f={"txt": "x", "adn": {}})


@attack("leak", Dropped(406))
def a_browser_looking_for_an_explorer() -> Sent:
    """GraphiQL is for development."""
    return Sent("GET", "/graphql", {"Accept": "text/html,application/xhtml+xml"})


@attack("leak", Harmless({"broken": None}, codes=("INTERNAL",)))
def a_service_that_breaks() -> Sent:
    """What a service's exception says stays inside; the client is told a code."""
    return document("{ broken }")


@attack("leak", Harmless(_MOTTO))
def a_trace_asked_for_by_header() -> Sent:
    """No header of a caller reaches a subgraph, or makes an answer say more."""
    return document("{ motto }").having(
        Apollo_Federation_Include_Trace="ftv1",
        Apollo_Query_Plan_Experimental="true",
        Apollo_Expose_Query_Plan="true",
        X_WG_Trace="true",
        X_WG_Include_Query_Plan="true",
        X_Hive_Expose_Query_Plan="true",
    )


@attack("leak", Harmless(_MOTTO))
def a_plan_asked_for_by_extension() -> Sent:
    """Extensions that are not known are ignored."""
    return body({"query": "{ motto }", "extensions": {"queryPlan": True, "tracing": True, "debug": True}})


@attack("leak", Refused("PERSISTED_QUERY_MISMATCH"))
def a_hash_that_is_another_documents() -> Sent:
    """A hash that comes with a document must be that document's: no cache learns a wrong one."""
    persisted = {
        "version": 1,
        "sha256Hash": "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38",
    }
    return body({"query": "{ motto }", "extensions": {"persistedQuery": persisted}})
