"""Types that lead back to themselves: asked for as deep as the client asks, and no deeper."""

from __future__ import annotations

from tests.federation.network import Network


async def test_a_circle_inside_of_one_subgraph_is_one_request(network: Network) -> None:
    answer = await network.ask('{ person(id: "ben") { boss { reports { boss { reports { name } } } } } }')

    inner = {"boss": {"reports": [{"name": "Ben"}, {"name": "Cai"}]}}
    assert answer.data == {"person": {"boss": {"reports": [inner, inner]}}}
    assert answer.asked == ["staff"]


async def test_a_circle_through_two_subgraphs_takes_a_request_for_each_step(network: Network) -> None:
    answer = await network.ask(
        '{ team(id: "red") { lead { name team { lead { reports { name team { id } } } } } } }'
    )

    assert answer.data == {
        "team": {
            "lead": {
                "name": "Ada",
                "team": {
                    "lead": {
                        "reports": [{"name": "Ben", "team": {"id": "red"}}, {"name": "Cai", "team": None}]
                    }
                },
            }
        }
    }
    assert answer.asked.count("teams") == 2


async def test_the_same_object_at_two_depths_has_at_each_what_is_asked_there(network: Network) -> None:
    answer = await network.ask(
        '{ person(id: "ada") { team { lead { id team { lead { name robots { volts } } } } } } }'
    )

    assert answer.data == {
        "person": {
            "team": {"lead": {"id": "ada", "team": {"lead": {"name": "Ada", "robots": [{"volts": 48}]}}}}
        }
    }


async def test_a_circle_through_a_union(network: Network) -> None:
    query = """
    {
      team(id: "red") {
        members {
          ... on Person { name deputy { ... on Person { name deputy { ... on Robot { volts } } } } }
          ... on Robot { volts user { name } }
        }
      }
    }
    """

    answer = await network.ask(query)

    assert answer.data == {
        "team": {
            "members": [
                {"name": "Ben", "deputy": {"name": "Ada", "deputy": {"volts": 48}}},
                {"volts": 48, "user": {"name": "Cai"}},
                {"name": "Ada", "deputy": {}},
            ]
        }
    }


async def test_a_circle_through_an_interface(network: Network) -> None:
    answer = await network.ask(
        '{ person(id: "ada") { deputy { ... on Robot { owner { ... on Crew { robots { volts owner { owner { __typename } } } } } } } } }'
    )

    assert answer.data == {
        "person": {"deputy": {"owner": {"robots": [{"volts": 48, "owner": {"owner": None}}]}}}
    }


async def test_a_person_deep_inside_is_completed_like_one_at_the_top(network: Network) -> None:
    answer = await network.ask(
        '{ person(id: "ada") { name robots { user { name robots { user { robots { user { name } } } } } } } }'
    )

    deepest = [{"user": {"name": "Cai"}}]
    assert answer.data == {
        "person": {
            "name": "Ada",
            "robots": [{"user": {"name": "Cai", "robots": [{"user": {"robots": deepest}}]}}],
        }
    }
    assert answer.asked[:2] == ["staff", "depot"]
    assert answer.asked.count("depot") == 1
