"""Subgraphs that do not answer as GraphQL services do: errors on just the fields that are concerned."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.guard import Limits
from tests.federation.network import Network, Reply, federation

_QUERY = "{ jingle shows { title stars } }"
_WITHOUT_STARS = {
    "jingle": "la la",
    "shows": [
        {"title": "At dawn", "stars": None},
        {"title": "High noon", "stars": None},
        {"title": None, "stars": None},
    ],
}


def _data(data: Any, **more: Any) -> str:
    return json.dumps({"data": data, **more})


NO_ANSWER = {
    "a page with status 500": Reply("<html>Oh no</html>", 500, "text/html"),
    "nothing with status 503": Reply("", 503),
    "an object with status 500": Reply('{"message": "upstream"}', 500),
}
NO_GRAPHQL = {
    "a page": Reply("<html>Sign in</html>", 200, "text/html"),
    "nothing": Reply(""),
    "half of an object": Reply('{"data": {"_entities": ['),
    "bytes that are no text": Reply(b'{"data": "\xff\xfe"}'),
    "a list": Reply("[]"),
    "a string": Reply('"data"'),
    "null": Reply("null"),
    "a number that JSON does not know": Reply('{"data": NaN}'),
    "an object of something else": Reply('{"result": {}}'),
    "neither data nor errors": Reply('{"errors": []}'),
    "a redirection": Reply("", 302),
    "a problem": Reply('{"title": "Bad Request"}', 400, "application/problem+json"),
    "too few entities": Reply(_data({"_entities": [{"stars": 1}]})),
    "too many entities": Reply(_data({"_entities": [{"stars": 1}] * 4})),
    "no entities": Reply(_data({})),
    "entities that are no list": Reply(_data({"_entities": {"stars": 1}})),
}
#: The same for answers that are GraphQL by their form, and not by their meaning.
NO_SENSE = {
    "a list as data": Reply(_data([1])),
    "data that is null, without an error": Reply(_data(None)),
}


@pytest.mark.parametrize("reply", NO_ANSWER.values(), ids=NO_ANSWER)
async def test_a_subgraph_that_fails_as_a_server_is_unavailable(network: Network, reply: Reply) -> None:
    with network.replying("ratings", reply):
        answer = await network.ask(_QUERY)

    assert answer.partial_data == _WITHOUT_STARS
    assert [code for code, _ in answer.errors] == ["SUBGRAPH_UNAVAILABLE"]
    assert answer.body["errors"][0]["extensions"]["service"] == "ratings"


@pytest.mark.parametrize("reply", NO_GRAPHQL.values(), ids=NO_GRAPHQL)
async def test_an_answer_that_is_no_graphql_is_an_error_for_its_fields(
    network: Network, reply: Reply
) -> None:
    with network.replying("ratings", reply):
        answer = await network.ask(_QUERY)

    assert answer.partial_data == _WITHOUT_STARS
    assert [code for code, _ in answer.errors] == ["SUBGRAPH_ANSWER_INVALID"]


@pytest.mark.parametrize("reply", NO_SENSE.values(), ids=NO_SENSE)
async def test_an_answer_without_sense_is_an_error_for_its_fields(network: Network, reply: Reply) -> None:
    with network.replying("ratings", reply):
        answer = await network.ask(_QUERY)

    assert answer.partial_data == _WITHOUT_STARS
    assert [code for code, _ in answer.errors] == ["SUBGRAPH_ANSWER_INVALID"]


async def test_root_fields_that_an_answer_leaves_out_are_errors(network: Network) -> None:
    """Null is an answer, absence is none."""
    with network.replying("ratings", Reply(_data({}))):
        answer = await network.ask("{ best { id stars } jingle }")

    assert answer.partial_data == {"best": None, "jingle": "la la"}
    assert [code for code, _ in answer.errors] == ["SUBGRAPH_ANSWER_INVALID"]


async def test_a_root_field_of_a_broken_subgraph_is_null_and_the_others_are_there(network: Network) -> None:
    with network.replying("ratings", Reply("no")):
        answer = await network.ask("{ best { id stars } jingle }")

    assert answer.partial_data == {"best": None, "jingle": "la la"}
    assert [code for code, _ in answer.errors] == ["SUBGRAPH_ANSWER_INVALID"]


async def test_a_subgraph_that_is_down_takes_only_its_own_fields_along() -> None:
    async with federation("errors", urls={"ratings": "http://127.0.0.1:9/graphql"}) as network:
        answer = await network.ask("{ jingle shows { title stars minutes } }")

        assert answer.partial_data["jingle"] == "la la"
        assert answer.partial_data["shows"][0] == {"title": "At dawn", "stars": None, "minutes": 60}
        assert {code for code, _ in answer.errors} == {"SUBGRAPH_UNAVAILABLE", "SERVICE_UNAVAILABLE"}


async def test_one_error_is_enough_for_a_subgraph_however_many_requests_fail() -> None:
    async with federation("errors", urls={"ratings": "http://127.0.0.1:9/graphql"}) as network:
        answer = await network.ask("{ best { id } shows { stars host { fans } } }")

        assert [code for code, _ in answer.errors] == ["SUBGRAPH_UNAVAILABLE"]
        assert answer.partial_data["shows"][0] == {"stars": None, "host": {"fans": None}}
        assert answer.partial_data["best"] is None


async def test_a_subgraph_that_is_too_slow_is_not_waited_for() -> None:
    async with federation("errors", limits=Limits(subgraph_s=0.1)) as network:
        with network.replying("ratings", Reply(delay_s=0.4)):
            answer = await network.ask(_QUERY)

        assert answer.partial_data == _WITHOUT_STARS
        assert [code for code, _ in answer.errors] == ["SUBGRAPH_UNAVAILABLE"]


async def test_a_graphql_answer_counts_whatever_its_status_and_media_type(network: Network) -> None:
    body = _data({"_entities": [{"stars": 1}, {"stars": 2}, {"stars": 3}]})
    for reply in (Reply(body, 400), Reply(body, 500), Reply(body, 200, "text/plain")):
        with network.replying("ratings", reply):
            answer = await network.ask(_QUERY)

        assert [show["stars"] for show in answer.data["shows"]] == [1, 2, 3]


async def test_an_error_without_a_path_explains_all_fields_of_its_request(network: Network) -> None:
    body = json.dumps({"errors": [{"message": "Too busy.", "extensions": {"code": "FORBIDDEN"}}]})
    with network.replying("ratings", Reply(body, 429)):
        answer = await network.ask(_QUERY)

    assert answer.partial_data == _WITHOUT_STARS
    assert answer.messages == ["Too busy."]
    assert answer.body["errors"][0]["extensions"] == {"code": "FORBIDDEN", "service": "ratings"}


STRANGE_ERRORS: dict[str, Any] = {
    "a number for a message": [{"message": 7, "path": ["_entities", 0, "stars"]}],
    "a path that leads nowhere": [{"message": "oops", "path": ["_entities", 99, "stars"]}],
    "a path of objects": [{"message": "oops", "path": [{}]}],
    "a path that is a string": [{"message": "oops", "path": "stars"}],
    "extensions that are a list": [{"message": "oops", "extensions": [1]}],
    "a code that is a list": [{"message": "oops", "extensions": {"code": ["FORBIDDEN"]}}],
}


#: Errors that are none by their form.
NO_ERRORS: dict[str, Any] = {
    "a string": "oops",
    "a list of strings": ["oops"],
    "an object": {"message": "oops"},
}


@pytest.mark.parametrize("errors", NO_ERRORS.values(), ids=NO_ERRORS)
async def test_errors_that_are_no_list_of_objects_make_the_answer_invalid(
    network: Network, errors: Any
) -> None:
    body = _data({"_entities": [None, {"stars": 2}, None]}, errors=errors)
    with network.replying("ratings", Reply(body)):
        answer = await network.ask(_QUERY)

    assert "SUBGRAPH_ANSWER_INVALID" in {code for code, _ in answer.errors}


@pytest.mark.parametrize("errors", STRANGE_ERRORS.values(), ids=STRANGE_ERRORS)
async def test_errors_of_a_strange_form_are_errors_all_the_same(network: Network, errors: Any) -> None:
    body = _data({"_entities": [None, {"stars": 2}, None]}, errors=errors)
    with network.replying("ratings", Reply(body)):
        answer = await network.ask(_QUERY)

    assert [show["stars"] for show in answer.partial_data["shows"]] == [None, 2, None]
    assert {code for code, _ in answer.errors} <= {"INTERNAL", "SUBGRAPH_ANSWER_INVALID"}
    for error in answer.body["errors"]:
        assert isinstance(error["message"], str)
        assert "oops" not in error["message"]


WRONG_SHAPES: dict[str, tuple[Any, Any]] = {
    "a string for an object": ({"best": "dawn"}, {"best": None}),
    "a list for an object": ({"best": [{"stars": 1}]}, {"best": None}),
    "an object for a list": (
        {"best": {"stars": 1, "reviews": {"text": "a"}}},
        {"best": {"stars": 1, "reviews": None}},
    ),
    "a number in a list of objects": (
        {"best": {"stars": 1, "reviews": [3]}},
        {"best": {"stars": 1, "reviews": [None]}},
    ),
}


@pytest.mark.parametrize(("data", "shown"), WRONG_SHAPES.values(), ids=WRONG_SHAPES)
async def test_a_value_of_another_shape_than_its_type_is_null_with_an_error(
    network: Network, data: Any, shown: Any
) -> None:
    with network.replying("ratings", Reply(_data(data))):
        answer = await network.ask("{ best { stars reviews { text } } }")

    assert answer.partial_data == shown
    assert [code for code, _ in answer.errors] == ["VALUE_OF_WRONG_SHAPE"]


WRONG_SCALARS: dict[str, Any] = {
    "a word for an Int": "many",
    "a fraction for an Int": 1.5,
    "a list for an Int": [1],
    "an object for an Int": {"text": "anything at all"},
    "true for an Int": True,
}


@pytest.mark.parametrize("value", WRONG_SCALARS.values(), ids=WRONG_SCALARS)
async def test_a_value_that_the_scalar_does_not_have_is_null_with_an_error(
    network: Network, value: Any
) -> None:
    """GraphQL §6.4.3 and §3.5: an Int is an Int for whoever relies on it."""
    with network.replying("ratings", Reply(_data({"best": {"stars": value}}))):
        answer = await network.ask("{ best { stars } }")

    assert answer.partial_data == {"best": {"stars": None}}
    assert answer.errors == [("VALUE_OF_WRONG_SHAPE", ["best", "stars"])]


async def test_what_nobody_asked_for_is_not_shown(network: Network) -> None:
    with network.replying("ratings", Reply(_data({"best": {"stars": 1, "secret": "x"}, "more": 1}, more=2))):
        answer = await network.ask("{ best { stars } }")

    assert answer.body == {"data": {"best": {"stars": 1}}}


async def test_entities_that_are_no_objects_are_errors_on_their_fields(network: Network) -> None:
    with network.replying("ratings", Reply(_data({"_entities": [7, {"stars": 2}, ["x"]]}))):
        answer = await network.ask(_QUERY)

    assert [show["stars"] for show in answer.partial_data["shows"]] == [None, 2, None]
    assert {code for code, _ in answer.errors} == {"SUBGRAPH_ANSWER_INVALID"}


async def test_a_subgraph_that_recovers_is_asked_again(network: Network) -> None:
    with network.replying("ratings", Reply("", 503)):
        for _ in range(3):
            answer = await network.ask(_QUERY)
            assert answer.partial_data == _WITHOUT_STARS

    answer = await network.ask('{ show(id: "dawn") { stars } }')

    assert answer.data == {"show": {"stars": 4}}
