"""Objects without a key are completed by asking for the entity around them ("Federation 2 §value types")."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_object_without_a_key_is_completed_through_its_parent(network: Network) -> None:
    answer = await network.ask('{ farm(id: "f1") { barn { height heads } } }')

    assert answer.data == {"farm": {"barn": {"height": 9, "heads": 2}}}
    assert answer.asked == ["land", "herd"]
    assert answer.requests[1].representations == [{"__typename": "Farm", "id": "f1"}]


async def test_both_halves_of_a_list_are_put_together_item_by_item(network: Network) -> None:
    answer = await network.ask(
        '{ farm(id: "f1") { barn { stalls { number width animal { name } gate { colour locked } } } } }'
    )

    assert answer.data == {
        "farm": {
            "barn": {
                "stalls": [
                    {
                        "number": 1,
                        "width": 3,
                        "animal": {"name": "Bella"},
                        "gate": {"colour": "red", "locked": True},
                    },
                    {"number": 2, "width": 4, "animal": None, "gate": None},
                ]
            }
        }
    }
    assert answer.asked == ["land", "herd"]


async def test_a_missing_object_is_missing_in_both_halves(network: Network) -> None:
    answer = await network.ask("{ farms { acres barn { height heads stalls { width animal { tag } } } } }")

    assert answer.data["farms"][1:] == [
        {"acres": 12, "barn": None},
        {"acres": 7, "barn": {"height": 5, "heads": 0, "stalls": []}},
    ]
    assert answer.asked == ["land", "herd"]


async def test_all_parents_are_asked_for_at_once(network: Network) -> None:
    answer = await network.ask("{ farms { barn { heads } } }")

    assert answer.data == {"farms": [{"barn": {"heads": 2}}, {"barn": None}, {"barn": {"heads": 0}}]}
    assert len(answer.asked_of("herd")) == 1


async def test_the_parents_arguments_go_to_both_halves(network: Network) -> None:
    query = """
    query ($far: String!) {
      farm(id: "f1") {
        near: field(name: "near") { soil grazing }
        far: field(name: $far) { soil grazing }
      }
    }
    """

    answer = await network.ask(query, {"far": "far"})

    assert answer.data == {
        "farm": {
            "near": {"soil": "f1's near clay", "grazing": False},
            "far": {"soil": "f1's far clay", "grazing": True},
        }
    }
    assert answer.asked == ["land", "herd"]


async def test_an_entity_inside_of_such_an_object_leads_on_by_its_own_key(network: Network) -> None:
    answer = await network.ask("{ farms { barn { stalls { animal { name healthy } } } } }")

    assert answer.data["farms"][0] == {
        "barn": {"stalls": [{"animal": {"name": "Bella", "healthy": False}}, {"animal": None}]}
    }
    assert answer.asked == ["land", "herd", "vet"]


async def test_both_halves_are_asked_in_parallel_where_neither_has_been_asked_yet(network: Network) -> None:
    with network.meeting("land", "herd"):
        answer = await network.ask("{ patient { home { barn { height heads } } } }")

    assert answer.data == {"patient": {"home": {"barn": {"height": 9, "heads": 2}}}}
    assert sorted(answer.asked) == ["herd", "land", "vet"]


async def test_what_both_know_is_asked_of_one(network: Network) -> None:
    answer = await network.ask("{ patient { home { barn { stalls { number width } } } } }")

    assert answer.data["patient"]["home"]["barn"]["stalls"][1] == {"number": 2, "width": 4}
    assert answer.asked == ["vet", "land"]
