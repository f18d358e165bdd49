"""Documents by GraphQL's own grammar, of names that the graph has and names that it has not, and broken ones."""

from __future__ import annotations

import json
from typing import Final

from hypothesis import strategies as st

#: Names of the graph under attack among names that mean something elsewhere.
NAMES: Final = (
    *(
        "motto",
        "people",
        "person",
        "friends",
        "name",
        "phone",
        "notes",
        "reachable",
        "found",
        "echo",
        "broken",
    ),
    *("id", "text", "first", "filter", "and", "times", "rename", "reminder", "shelters", "address", "beds"),
    *(
        "__typename",
        "__schema",
        "__type",
        "_entities",
        "_service",
        "_Any",
        "nothing",
        "__proto__",
        "constructor",
    ),
    *("on", "true", "null", "fragment", "query", "f0", "f1", "f2", "import_", "None", "self"),
)
_TYPES: Final = (
    "Query",
    "Person",
    "Shelter",
    "Note",
    "Reachable",
    "Found",
    "Mutation",
    "Filter",
    "String",
    "Int",
)

names = st.sampled_from(NAMES)
types = st.sampled_from(_TYPES)
texts = st.text(max_size=12).map(json.dumps)
_variables = st.sampled_from(("$a", "$b", "$c", "$nothing"))
_scalars = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(
        ("true", "false", "null", "RED", '""', '"""block "quoted" text"""', "-0", "1e400", "00", ".5")
    ),
    texts,
    _variables,
)
values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{' '.join(items)}]"),
        st.lists(st.tuples(names, inner), max_size=3).map(
            lambda fields: "{" + " ".join(f"{name}: {value}" for name, value in fields) + "}"
        ),
    ),
    max_leaves=6,
)
_arguments = st.lists(st.tuples(names, values), max_size=3).map(
    lambda given: "(" + ", ".join(f"{name}: {value}" for name, value in given) + ")" if given else ""
)
_directives = st.lists(
    st.builds(
        lambda name, given: f" @{name}{given}",
        st.sampled_from(("skip", "include", "defer", "stream", "no")),
        _arguments,
    ),
    max_size=2,
).map("".join)
_aliases = st.one_of(st.just(""), names.map(lambda name: f"{name}: "))


def _fields(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda alias, name, given, directives, selections: f"{alias}{name}{given}{directives}{selections}",
        *(_aliases, names, _arguments, _directives, st.one_of(st.just(""), inner)),
    )


def _fragments(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    spreads = st.sampled_from(("...f0", "...f1", "...f2", "...on"))
    inline = st.builds(
        lambda condition, directives, selections: f"...{condition}{directives}{selections}",
        *(st.one_of(st.just(""), types.map(lambda name: f" on {name}")), _directives, inner),
    )
    return st.one_of(spreads, inline)


selections = st.recursive(
    st.lists(names, min_size=1, max_size=3).map(lambda found: "{ " + " ".join(found) + " }"),
    lambda inner: st.lists(
        st.one_of(_fields(inner), _fields(inner), _fragments(inner)), min_size=1, max_size=4
    ).map(lambda found: "{ " + " ".join(found) + " }"),
    max_leaves=12,
)
_type_references = st.recursive(
    types,
    lambda inner: st.builds(
        lambda wrapped, end: f"{wrapped}{end}", inner.map(lambda of: f"[{of}]"), st.sampled_from(("", "!"))
    ),
    max_leaves=2,
)
_definitions_of_variables = st.lists(
    st.builds(
        lambda variable, of, default: f"{variable}: {of}{default}",
        *(_variables, _type_references, st.one_of(st.just(""), values.map(lambda value: f" = {value}"))),
    ),
    max_size=3,
).map(lambda defined: f"({', '.join(defined)})" if defined else "")
_operations = st.builds(
    lambda kind, name, variables, directives, selected: f"{kind} {name}{variables}{directives} {selected}",
    *(
        st.sampled_from(("query", "query", "query", "mutation", "subscription")),
        st.one_of(st.just(""), names),
    ),
    *(_definitions_of_variables, _directives, selections),
)
_fragment_definitions = st.builds(
    lambda name, of, directives, selected: f"fragment {name} on {of}{directives} {selected}",
    *(st.sampled_from(("f0", "f1", "f2")), types, _directives, selections),
)
_strange = st.sampled_from(
    (
        "type T { a: Int }",
        "extend schema { query: Q }",
        "# a comment",
        "\ufeff",
        ",,,",
        "directive @x on FIELD",
    )
)
documents = st.one_of(
    selections,
    st.lists(
        st.one_of(_operations, _operations, _fragment_definitions, _strange), min_size=1, max_size=4
    ).map("\n".join),
)

#: Operations that are right, to be made wrong.
RIGHT: Final = (
    "{ motto }",
    "query Q($n: Int = 2) { people(first: $n) { id name friends { notes { text about { id } } } } }",
    '{ person(id: "p1") { ...f } } fragment f on Person { name notes { text } }',
    "{ found { __typename ... on Person { id name } ... on Shelter { id } } reachable { id ... on Person { name } } }",
    'mutation M { rename(id: "p1", name: "x") { id name notes { text } } }',
    'query Q($f: Filter, $yes: Boolean!) { echo(text: "a", filter: $f) motto @include(if: $yes) }',
    "{ shelters { id address beds } notes { text about { name } } latest }",
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A right operation with a few characters or pieces taken out, doubled, moved or put in."""
    text = draw(st.sampled_from(RIGHT))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(
            st.one_of(
                st.just(""),
                st.just(text[start:end] * 2),
                names.map(lambda name: f" {name} "),
                st.sampled_from(
                    (
                        "{",
                        "}",
                        "(",
                        ")",
                        "...",
                        "$",
                        "@",
                        '"',
                        '"""',
                        "\\u{110000}",
                        "\\uD800",
                        "!",
                        "&",
                        "\0",
                    )
                ),
                st.text(max_size=3),
            )
        )
        text = text[:start] + piece + text[end:]
    return text
