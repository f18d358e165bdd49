"""Errors of subgraphs, told at the client's own paths, beside all data that there is (GraphQL §7.1.2)."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_error_in_an_entity_is_told_where_the_client_sees_the_entity(network: Network) -> None:
    answer = await network.ask("{ shows { title stars } }")

    assert answer.partial_data == {
        "shows": [
            {"title": "At dawn", "stars": 4},
            {"title": "High noon", "stars": None},
            {"title": None, "stars": 2},
        ]
    }
    assert answer.errors == [("FORBIDDEN", ["shows", 1, "stars"])]
    assert answer.messages == ["Not for you."]


async def test_what_an_error_says_for_clients_is_passed_on(network: Network) -> None:
    answer = await network.ask('{ show(id: "noon") { stars } }')

    (error,) = answer.body["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "requiredScope": "stars", "service": "ratings"}


async def test_what_an_error_says_of_a_services_inside_is_not_passed_on(network: Network) -> None:
    answer = await network.ask('{ show(id: "dawn") { reviews { text } } }')

    assert answer.partial_data == {"show": {"reviews": [{"text": "warm"}, {"text": None}]}}
    assert answer.errors == [("INTERNAL", ["show", "reviews", 1, "text"])]
    assert "hunter2" not in str(answer.body)


async def test_the_path_is_in_the_clients_own_names(network: Network) -> None:
    answer = await network.ask("{ all: shows { grade: stars said: reviews { words: text } } }")

    assert sorted(answer.errors, key=str) == [
        ("FORBIDDEN", ["all", 1, "grade"]),
        ("INTERNAL", ["all", 0, "said", 1, "words"]),
        ("INTERNAL", ["all", 2, "said", 1, "words"]),
    ]


async def test_one_entity_at_several_places_has_its_error_at_each(network: Network) -> None:
    answer = await network.ask("{ weeks { days { stars } } }")

    assert answer.partial_data == {
        "weeks": [{"days": [[{"stars": None}], []]}, {"days": [[None, {"stars": 4}, {"stars": None}]]}]
    }
    assert sorted(answer.errors) == [
        ("FORBIDDEN", ["weeks", 0, "days", 0, 0, "stars"]),
        ("FORBIDDEN", ["weeks", 1, "days", 0, 2, "stars"]),
    ]
    assert len(answer.requests[1].representations) == 2


async def test_an_entity_that_fails_as_a_whole_leaves_the_others_alone(network: Network) -> None:
    answer = await network.ask("{ shows { id minutes tapes } }")

    assert answer.partial_data["shows"] == [
        {"id": "dawn", "minutes": 60, "tapes": ["a"]},
        {"id": "noon", "minutes": 60, "tapes": ["a"]},
        {"id": "dusk", "minutes": None, "tapes": None},
    ]
    assert answer.errors == [("SERVICE_UNAVAILABLE", ["shows", 2])]


async def test_errors_behind_two_requests_come_from_there(network: Network) -> None:
    answer = await network.ask("{ shows { title host { fans } } }")

    assert answer.partial_data["shows"][2] == {"title": None, "host": {"fans": None}}
    assert answer.errors == [("FORBIDDEN", ["shows", 2, "host", "fans"])]


async def test_errors_of_several_subgraphs_are_told_together(network: Network) -> None:
    answer = await network.ask("{ shows { stars minutes } }")

    assert sorted(answer.errors) == [
        ("FORBIDDEN", ["shows", 1, "stars"]),
        ("SERVICE_UNAVAILABLE", ["shows", 2]),
    ]
    assert answer.partial_data["shows"] == [
        {"stars": 4, "minutes": 60},
        {"stars": None, "minutes": 60},
        {"stars": 2, "minutes": None},
    ]


async def test_what_follows_from_an_object_that_failed_is_not_asked_for(network: Network) -> None:
    """`reviews` of dusk holds a null, and a review by nobody: only the hosts that are there have fans."""
    answer = await network.ask('{ show(id: "dusk") { reviews { by { fans } } } }')

    assert answer.data == {"show": {"reviews": [None, {"by": None}]}}


async def test_an_error_in_an_answer_to_a_mutation_keeps_what_was_done(network: Network) -> None:
    answer = await network.ask('mutation { cancel(id: "noon") { title stars } }')

    assert answer.partial_data == {"cancel": {"title": "High noon", "stars": None}}
    assert answer.errors == [("FORBIDDEN", ["cancel", "stars"])]


async def test_an_error_in_a_field_that_the_client_did_not_ask_for_is_told_at_its_object(
    network: Network,
) -> None:
    """`code` is only required by `tag`, and might be one that no client may know of."""
    answer = await network.ask("{ shows { tag } named: shows { code: title tag } }")

    assert [show["tag"] for show in answer.partial_data["shows"]] == ["<dawn>", "<noon>", None]
    assert sorted(answer.errors) == [("FORBIDDEN", ["named", 2]), ("FORBIDDEN", ["shows", 2])]


async def test_so_is_one_deep_inside_of_what_is_required(network: Network) -> None:
    answer = await network.ask('{ a: show(id: "dawn") { length } b: show(id: "dawn") { slots: id length } }')

    assert answer.partial_data == {"a": {"length": 8}, "b": {"slots": "dawn", "length": 8}}
    assert sorted(answer.errors) == [("FORBIDDEN", ["a"]), ("FORBIDDEN", ["b"])]


async def test_entities_that_fail_all_together_are_null_with_an_error(network: Network) -> None:
    answer = await network.ask('{ show(id: "dawn") { title sponsor { budget } } }')

    assert answer.partial_data == {"show": {"title": "At dawn", "sponsor": {"budget": None}}}
    assert [code for code, _ in answer.errors] == ["INTERNAL"]


async def test_entities_of_one_type_that_fail_all_together_leave_those_of_another_alone(
    network: Network,
) -> None:
    """Although both are asked of one subgraph at one time."""
    answer = await network.ask('{ show(id: "dawn") { title stars sponsor { budget } } }')

    assert answer.partial_data == {"show": {"title": "At dawn", "stars": 4, "sponsor": {"budget": None}}}
    assert [code for code, _ in answer.errors] == ["INTERNAL"]
