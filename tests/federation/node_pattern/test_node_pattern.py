"""`node(id:)`: one root field for everything that has a global id."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_node_is_completed_by_the_subgraph_that_knows_its_type(network: Network) -> None:
    answer = await network.ask('{ node(id: "c1") { id ... on Clinic { name } } }')

    assert answer.data == {"node": {"id": "c1", "name": "Riverside"}}
    assert answer.asked == ["nodes", "clinics"]


async def test_only_the_subgraphs_of_the_type_that_it_turns_out_to_be_are_asked(network: Network) -> None:
    query = """
    query ($id: ID!) {
      node(id: $id) {
        __typename
        ... on Clinic { name doctors { visits { day } } }
        ... on Visit { day doctor { name } }
        ... on Doctor { title: name visits { id } }
      }
    }
    """

    visit = await network.ask(query, {"id": "v1"})
    doctor = await network.ask(query, {"id": "d1"})
    clinic = await network.ask(query, {"id": "c1"})

    assert visit.data == {"node": {"__typename": "Visit", "day": "Monday", "doctor": {"name": "Sami"}}}
    assert visit.asked == ["nodes", "visits", "clinics"]
    assert doctor.data == {"node": {"__typename": "Doctor", "title": "Sami", "visits": [{"id": "v1"}]}}
    assert sorted(doctor.asked) == ["clinics", "nodes", "visits"]
    assert clinic.data == {
        "node": {"__typename": "Clinic", "name": "Riverside", "doctors": [{"visits": [{"day": "Monday"}]}]}
    }
    assert clinic.asked == ["nodes", "clinics", "visits"]


async def test_an_id_alone_needs_one_request(network: Network) -> None:
    answer = await network.ask('{ node(id: "v1") { id __typename } }')

    assert answer.data == {"node": {"id": "v1", "__typename": "Visit"}}
    assert answer.asked == ["nodes"]


async def test_an_id_that_means_nothing_is_null(network: Network) -> None:
    answer = await network.ask('{ node(id: "x1") { ... on Clinic { name } } }')

    assert answer.data == {"node": None}
    assert answer.asked == ["nodes"]


async def test_an_id_of_something_that_is_gone_is_null_where_it_must_not_be(network: Network) -> None:
    """The type is in the id, so the node is there; what the type's owner does not know is not."""
    answer = await network.ask('{ node(id: "c9") { id ... on Clinic { name } } }')

    assert answer.partial_data == {"node": None}
    assert answer.errors == [("NULL_IN_NON_NULL_FIELD", ["node", "name"])]


async def test_nodes_of_many_types_are_asked_for_type_by_type(network: Network) -> None:
    answer = await network.ask(
        '{ nodes(ids: ["v1", "c1", "x1", "d1", "c1"]) { ... on Clinic { name } ... on Doctor { name visits { day } } } }'
    )

    assert answer.data == {
        "nodes": [
            {},
            {"name": "Riverside"},
            None,
            {"name": "Sami", "visits": [{"day": "Monday"}]},
            {"name": "Riverside"},
        ]
    }
    assert sorted(answer.asked) == ["clinics", "nodes", "visits"]
    assert len(answer.asked_of("clinics")[0].representations) == 2


async def test_a_node_deep_inside_leads_on(network: Network) -> None:
    answer = await network.ask(
        "{ clinic { doctors { about { ... on Clinic { name } ... on Doctor { visits { day } } ... on Visit { day } } } } }"
    )

    assert answer.data == {"clinic": {"doctors": [{"about": {"name": "Riverside"}}]}}
    assert answer.asked == ["clinics"]
