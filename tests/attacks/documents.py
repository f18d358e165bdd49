"""Documents that are made to cost more than they say."""

from __future__ import annotations

import json
from typing import Final

from tests.attacks.catalogue import COST, Dropped, Harmless, Refused, attack, body, document
from tests.attacks.wire import Sent


def _times(count: int, text: str) -> str:
    """`text` so often, with each number in the place of `#`."""
    return " ".join(text.replace("#", str(number)) for number in range(count))


def _nested(depth: int, opening: str, inside: str, closing: str = "}") -> str:
    return opening * depth + inside + closing * depth


def _doubling(levels: int, leaf: str, on: str = "Query") -> str:
    """Fragments each of which spreads the next one twice."""
    steps = [
        f"fragment f{level} on {on} {{ ...f{level + 1} ... {{ ...f{level + 1} }} }}"
        for level in range(levels)
    ]
    return " ".join([*steps, f"fragment f{levels} on {on} {{ {leaf} }}"])


#: Python that would run, were a client's text pasted into a program.
_ESCAPING: Final = """'+__import__("os").system("id")+'\n\"\"\"\\"""


@attack("dos", Refused("TOO_MANY_ROOT_FIELDS"))
def a_thousand_aliases_of_typename() -> Sent:
    """Root fields are counted, whatever they are called."""
    return document("{" + _times(1000, "a#: __typename") + "}")


@attack("dos", Refused("TOO_MANY_ROOT_FIELDS"))
def five_hundred_aliases_of_a_list_field() -> Sent:
    """Root fields are counted, whatever they are called."""
    return document("{" + _times(500, "a#: people { id }") + "}")


@attack("dos", Refused("TOO_MANY_ALIASES"))
def two_hundred_aliases_below_the_root() -> Sent:
    """Aliases are counted over the whole operation."""
    return document("{ people {" + _times(200, "a#: name") + "} }")


@attack("dos", Refused("BATCHING_NOT_SUPPORTED"), "CVE-2025-32380")
def a_batch_of_a_hundred() -> Sent:
    """One operation a request: batches are not taken."""
    return body([{"query": "{ motto }"}] * 100)


@attack("dos", Refused("BATCHING_NOT_SUPPORTED"))
def introspection_hidden_in_a_batch() -> Sent:
    """One operation a request: batches are not taken."""
    return body([{"query": "{ motto }"}, {"query": "{ __schema { types { name } } }"}])


@attack("dos", Refused("TOO_MANY_DIRECTIVES"), "CVE-2022-37734", "CVE-2023-49559", "CVE-2024-47614")
def two_thousand_unknown_directives_on_one_field() -> Sent:
    """Directives are counted before they are looked up, and few errors are told."""
    return document("{ motto " + "@no " * 2000 + "}")


@attack("dos", Refused("TOO_MANY_DIRECTIVES"), "CVE-2022-37734")
def include_two_thousand_times_on_one_field() -> Sent:
    """Directives are counted before the document is parsed."""
    return document("{ motto " + "@include(if: true) " * 2000 + "}")


@attack("dos", Refused("GRAPHQL_VALIDATION_FAILED"), "CVE-2022-37734")
def skip_fifty_times_on_one_field() -> Sent:
    """A directive that is not repeatable stands once in a place."""
    return document("{ motto " + "@skip(if: false) " * 50 + "}")


@attack("dos", Refused("TOO_MANY_DIRECTIVES"))
def directives_on_variables() -> Sent:
    """Directives are counted wherever they stand."""
    return document("query(" + _times(90, "$v#: Int @no @no") + ") { motto }")


@attack("dos", Refused("TOO_MANY_ROOT_FIELDS"))
def one_field_ten_thousand_times() -> Sent:
    """Fields are counted before the document is parsed, and the counting ends at the first that is too many."""
    return document("{" + "motto " * 10_000 + "}")


@attack("dos", Refused("TOO_MANY_FIELDS"), "CVE-2023-26144")
def fifteen_hundred_overlapping_fields() -> Sent:
    """Repeated response keys are counted before they are compared with each other, which is quadratic."""
    return document("{ people {" + "name " * 1500 + "} }")


@attack("dos", Refused("TOO_MANY_FIELDS"), "CVE-2023-26144")
def overlapping_fields_in_nested_fragments() -> Sent:
    """Repeated response keys are counted through fragments, before they are compared."""
    inside = _times(100, "...{ friends { ...{ name name name } ...{ name name name } } }")
    return document("{ people {" + inside + "} }")


@attack("dos", Refused(COST))
def seven_levels_of_lists_of_five() -> Sent:
    """What an operation could bring is estimated before anything is asked (IBM cost directives §list size)."""
    return document("{ people " + _nested(6, "{ friends ", "{ id name }") + "}")


@attack("dos", Refused("PAGE_TOO_LARGE"))
def a_page_of_a_million() -> Sent:
    """What a slicing argument may ask for has a largest size."""
    return document("{ people(first: 1000000) { name friends { name } } }")


@attack("dos", Refused("PAGE_TOO_LARGE"))
def a_page_of_a_million_by_variable() -> Sent:
    """Variables are looked at in each request anew."""
    return document("query($n: Int) { people(first: $n) { name friends { name } } }", n=1_000_000)


@attack("dos", Refused("PAGE_TOO_LARGE"))
def a_page_of_less_than_nothing() -> Sent:
    """A negative size makes up for no other."""
    return document(
        "{ a: people(first: -1000000) { id } b: people(first: 1000000) { name friends { name } } }"
    )


@attack("dos", Refused("NESTED_TOO_DEEPLY"))
def depth_two_hundred() -> Sent:
    """Levels of nesting are counted, through fragments too."""
    return document("{ people " + _nested(200, "{ friends ", "{ id }") + "}")


@attack("dos", Refused("NESTED_TOO_DEEPLY"), "CVE-2024-43414", "CVE-2023-28867", "CVE-2022-21708")
def depth_five_thousand() -> Sent:
    """The parser stops before the interpreter's stack does."""
    return document(_nested(5000, "{a", ""))


@attack("dos", Refused("TOO_MANY_TOKENS"), "CVE-2025-32032")
def three_thousand_nested_inline_fragments() -> Sent:
    """Tokens are counted before the document is parsed."""
    return document("{" + _nested(3000, "...{", "motto") + "}")


@attack("dos", Refused("GRAPHQL_VALIDATION_FAILED"), "CVE-2026-47706")
def a_fragment_cycle() -> Sent:
    """What measures a document visits each fragment once; validation then names the cycle."""
    return document(
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...c } fragment c on Query { ...a }"
    )


@attack("dos", Refused("GRAPHQL_VALIDATION_FAILED"), "CVE-2026-47706")
def a_fragment_that_spreads_itself_below_a_field() -> Sent:
    """What measures a document visits each fragment once; validation then names the cycle."""
    return document("{ people { ...a } } fragment a on Person { friends { ...a ...a } }")


@attack("dos", Refused("TOO_MANY_ROOT_FIELDS"), "CVE-2025-32034", "CVE-2025-32030", "CVE-2025-31496")
def a_fragment_bomb_of_two_to_the_28() -> Sent:
    """What a document spreads out to is computed, without spreading it."""
    return document("{ ...f0 } " + _doubling(28, "motto"))


@attack("dos", Refused("TOO_MANY_FIELDS"), "CVE-2025-32031", "CVE-2025-32032", "CVE-2025-32033")
def a_fragment_bomb_of_two_to_the_24_below_a_field() -> Sent:
    """What a document spreads out to is computed, without spreading it."""
    return document("{ people { ...f0 } } " + _doubling(24, "name id", on="Person"))


@attack("dos", Refused("TOO_MANY_ALIASES"), "CVE-2025-32031", "CVE-2025-32032", "CVE-2025-32033")
def a_fragment_bomb_through_aliases_and_fields() -> Sent:
    """Fields of equal keys are as many as they are written, however often they are merged."""
    steps = _times(20, "fragment f# on Person { a: friends { ...g# } b: friends { ...g# } }")
    links = _times(20, "fragment g# on Person { ...h# }")
    ends = " ".join(f"fragment h{level} on Person {{ ...f{level + 1} }}" for level in range(20))
    return document(f"{{ people {{ ...f0 }} }} {steps} {links} {ends} fragment f20 on Person {{ id }}")


@attack("dos", Refused("TOO_MANY_TOKENS"), "CVE-2022-31173", "CVE-2023-28867")
def a_chain_of_three_thousand_fragments() -> Sent:
    """The lexer stops at its limit of tokens."""
    chain = " ".join(f"fragment f{level} on Query {{ ...f{level + 1} }}" for level in range(3000))
    return document("{ ...f0 } " + chain + " fragment f3000 on Query { motto }")


@attack("dos", Refused("TOO_MANY_DEFINITIONS"), "CVE-2022-31173", "CVE-2023-28867")
def a_chain_of_four_hundred_fragments() -> Sent:
    """Definitions are counted."""
    chain = " ".join(f"fragment f{level} on Query {{ ...f{level + 1} }}" for level in range(400))
    return document("{ ...f0 } " + chain + " fragment f400 on Query { motto }")


@attack("dos", Refused("TOO_MANY_TOKENS"), "CVE-2023-28867")
def a_list_literal_nested_ten_thousand_deep() -> Sent:
    """Tokens are counted before the document is parsed."""
    return document("{ people(first: " + _nested(10_000, "[", "", "]") + ") { id } }")


@attack("dos", Refused("TOO_MANY_TOKENS"))
def an_object_literal_nested_five_thousand_deep() -> Sent:
    """Tokens are counted before the document is parsed."""
    return document("{ echo(filter: " + _nested(5000, "{and: ", "{}") + ") }")


@attack("dos", Refused("TOO_MANY_TOKENS"))
def a_list_type_nested_five_thousand_deep() -> Sent:
    """Tokens are counted before the document is parsed."""
    return document("query($a: " + _nested(5000, "[", "Int", "]") + ") { motto }")


@attack("dos", Refused("TOO_MANY_TOKENS"))
def ten_thousand_operations() -> Sent:
    """The lexer stops at its limit of tokens."""
    return document(_times(10_000, "query q# { motto }"))


@attack("dos", Refused("TOO_MANY_TOKENS"))
def ten_thousand_variable_definitions() -> Sent:
    """The lexer stops at its limit of tokens."""
    return document("query(" + _times(10_000, "$v#: Int") + ") { motto }")


@attack("dos", Refused("BODY_TOO_LARGE", 413))
def a_megabyte_and_a_half_of_commas_and_comments() -> Sent:
    """A body has a largest size."""
    return document("{ motto }" + ",#\n" * 400_000)


@attack("dos", Refused("TOO_MANY_TOKENS"))
def a_hundred_thousand_commas_and_comments() -> Sent:
    """A document has a largest length, and comments are counted."""
    return document("{ motto }" + ",#\n" * 30_000)


@attack("dos", Refused("BODY_TOO_LARGE", 413))
def a_string_of_a_megabyte_and_a_half() -> Sent:
    """A body has a largest size."""
    return document('{ echo(text: "' + "x" * 1_500_000 + '") }')


@attack("dos", Refused("TOO_MANY_TOKENS"))
def a_string_of_two_hundred_thousand_characters() -> Sent:
    """A document has a largest length: long values are for variables."""
    return document('{ echo(text: "' + "x" * 200_000 + '") }')


@attack("dos", Refused("TOO_MANY_ROOT_FIELDS"))
def two_thousand_wrong_fields_at_the_root() -> Sent:
    """Root fields are counted before they are looked up."""
    return document("{" + _times(2000, "wrong#") + "}")


@attack("dos", Refused("TOO_MANY_FIELDS"))
def two_thousand_wrong_fields_below_the_root() -> Sent:
    """Different fields are counted before the document is parsed."""
    return document("{ people {" + _times(2000, "wrong#") + "} }")


@attack("dos", Refused("GRAPHQL_VALIDATION_FAILED"))
def nine_hundred_wrong_fields_below_the_root() -> Sent:
    """Few errors are told, and the answer is no larger than they are."""
    return document("{ people {" + _times(900, "wrong#") + "} }")


@attack("dos", Refused("TOO_MANY_ROOT_FIELDS"), "CVE-2024-40094")
def introspection_by_a_hundred_aliases() -> Sent:
    """Root fields are counted before introspection is looked at."""
    return document("{" + _times(100, "a#: __schema { types { fields { name } } }") + "}")


@attack("dos", Refused("INTROSPECTION_DISABLED"))
def introspection_in_circles() -> Sent:
    """There is no introspection in production."""
    return document("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")


@attack("dos", Refused("BAD_REQUEST"))
def an_integer_of_a_hundred_thousand_digits_in_variables() -> Sent:
    """The JSON parser knows no number beyond a double's range."""
    content = (
        b'{"query":"query($n: Int) { people(first: $n) { id } }","variables":{"n":' + b"9" * 100_000 + b"}}"
    )
    return body(content)


@attack("dos", Refused("GRAPHQL_VALIDATION_FAILED"))
def an_integer_of_fifty_thousand_digits_in_the_document() -> Sent:
    """What stands for an Int is checked by its length before it is made a number."""
    return document("{ people(first: " + "9" * 50_000 + ") { id } }")


@attack("dos", Harmless({"echo": "x" * 90_000}))
def a_long_string_that_is_allowed() -> Sent:
    """Not everything large is an attack: what the limits allow is answered."""
    return document("query($t: String) { echo(text: $t) }", t="x" * 90_000)


@attack("dos", Dropped(431))
def a_header_of_two_hundred_kilobytes() -> Sent:
    """A head has a largest size."""
    return document("{ motto }").having(X_Long="x" * 200_000)


@attack("fed", Harmless({"__proto__": "nobody alone", "constructor": [{"toString": "p0"}]}), "CVE-2026-32621")
def aliases_that_are_names_of_prototypes() -> Sent:
    """Answers are dictionaries, which have no prototype to overwrite."""
    return document("{ __proto__: motto constructor: people(first: 1) { toString: id } }")


@attack("fed", Harmless({"__class__": [{"__dict__": "p0", "__init__": "Person 0"}]}), "CVE-2026-32621")
def aliases_that_are_names_of_python() -> Sent:
    """Plans are compiled to Python; nothing that a client names becomes a name or an attribute there."""
    return document("{ __class__: people(first: 1) { __dict__: id __init__: name } }")


@attack("fed", Harmless({"echo": _ESCAPING}))
def a_string_that_would_end_the_compiled_programs_own() -> Sent:
    """What a client writes reaches the compiled program as data alone."""
    return document(f"{{ echo(text: {json.dumps(_ESCAPING)}) }}")


@attack("fed", Refused("GRAPHQL_VALIDATION_FAILED"))
def entities_asked_from_outside() -> Sent:
    """`_entities` is no field of the API schema."""
    return document(
        '{ _entities(representations: [{__typename: "Person", id: "p0"}]) { ... on Person { phone } } }'
    )


@attack("fed", Refused("GRAPHQL_VALIDATION_FAILED"))
def the_subgraphs_schema_asked_from_outside() -> Sent:
    """`_service` is no field of the API schema."""
    return document("{ _service { sdl } }")
