"""The look over a document's tokens refuses what measuring the parsed document would refuse, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from graphql import DocumentNode, GraphQLSyntaxError, parse, validate
from hypothesis import given
from hypothesis import strategies as st

from gateway.guard import Limits
from gateway.guard.measures import height, measure
from gateway.guard.scanning import excess
from gateway.supergraph import Supergraph
from gateway.watching import SupergraphFile
from tests.attacks.target import GRAPH
from tests.federation.compose import SUPERGRAPH
from tests.fuzzing.documents import documents, selections
from tests.support.trying import examples

#: What a scan counts, the limit on it, and what the measure has of it.
COUNTED: dict[str, Callable[[DocumentNode], int]] = {
    "depth": lambda d: measure(d).depth,
    "fields": lambda d: measure(d).fields,
    "height": height,
    "root_fields": lambda d: measure(d).root_fields,
    "aliases": lambda d: measure(d).aliases,
    "directives": lambda d: measure(d).directives,
    "repeats": lambda d: measure(d).repeats,
}


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return SupergraphFile(GRAPH / SUPERGRAPH).read()


def exceeds(text: str, **limits: int) -> bool:
    return excess(text, Limits(**limits)) is not None


@pytest.mark.parametrize("what", COUNTED)
@examples(60)
@given(text=selections, most=st.integers(1, 6))
def test_of_one_operation_without_fragments_it_counts_what_the_measure_counts(
    what: str, text: str, most: int
) -> None:
    try:
        document = parse(text)
    except GraphQLSyntaxError:
        return
    if "...f" in text or "...on" in text:  # a spread, which brings what is written elsewhere
        return

    assert exceeds(text, **{what: most}) == (COUNTED[what](document) > most)


@pytest.mark.parametrize("what", COUNTED)
@examples(60)
@given(text=documents, most=st.integers(1, 6))
def test_nothing_is_refused_that_would_be_let_through(
    supergraph: Supergraph, what: str, text: str, most: int
) -> None:
    try:
        document = parse(text)
    except GraphQLSyntaxError:
        return

    if exceeds(text, **{what: most}):
        assert COUNTED[what](document) > most or validate(supergraph.api_schema, document)


@examples(200)
@given(text=st.one_of(documents, st.text(alphabet='ab{}()@:.,"\\#\n -1$!', max_size=60)))
def test_tokens_and_comments_are_the_parsers(text: str) -> None:
    for most in (1, 5, 25):
        try:
            parse(text, max_lexical_tokens=most)
        except GraphQLSyntaxError as error:
            if "tokens" not in error.message:
                return
            assert exceeds(text, tokens=most)
        else:
            assert not exceeds(text, tokens=most)


STRINGS = {
    "a string that holds braces": '{ echo(text: "{{{{ @a @b") }',
    "a block string": '{ echo(text: """ { " "" \\""" } @a @b """) }',
    "escaped quotation marks": '{ echo(text: "\\" @a @b \\\\") }',
    "a comment": "{ motto # { { @a @b\n }",
}


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS.keys())
def test_what_stands_in_strings_and_comments_does_not_count(text: str) -> None:
    assert not exceeds(text, depth=1, directives=0, root_fields=1)


@pytest.mark.parametrize("text", ['\\"""', '"""\\', '""', '"\\', '"a'])
def test_a_string_without_end_is_read_once(text: str) -> None:
    """No character is gone back to (ReDoS): were it, half a million of them would take hours."""
    found = excess("{ motto(a: " + text * 500_000, Limits())

    assert found is None or found.code == "TOO_MANY_TOKENS"


@pytest.mark.parametrize(
    "text",
    [
        "fragment f0 on Query { motto }\nfragment f0 on Query { ...on motto: motto }",
        "{ a ... on A : b ... on B : c }",
        "{ a @b : c : d }",
        "{ a { b } : c } : d",
    ],
)
def test_a_colon_where_none_belongs_is_the_parsers_to_refuse(text: str) -> None:
    assert excess(text, Limits()) is None
