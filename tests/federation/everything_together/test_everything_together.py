"""One realistic graph in which the features meet: keys, interface objects, provides, overrides and requirements."""

from __future__ import annotations

from tests.federation.network import Network


async def test_items_of_a_shelf_are_named_and_described_elsewhere(network: Network) -> None:
    answer = await network.ask(
        "{ pantries { shelf { amount item { name } } } nearest { shelf { item { name label calories } } } }"
    )

    assert answer.data == {
        "pantries": [
            {
                "shelf": [
                    {"amount": 9, "item": {"name": "Corn"}},
                    {"amount": None, "item": {"name": "Kale"}},
                ]
            },
            {"shelf": []},
        ],
        "nearest": {
            "shelf": [
                {"item": {"name": "Corn", "label": "<Corn>", "calories": 400}},
                {"item": {"name": "Kale", "label": "<Kale>", "calories": 400}},
            ]
        },
    }


async def test_an_item_of_a_shelf_is_of_some_type_after_all(network: Network) -> None:
    answer = await network.ask(
        "{ nearest { shelf { item { __typename ... on Canned { grams stack } ... on Fresh { chill origin { organic } } } } } }"
    )

    assert answer.data == {
        "nearest": {
            "shelf": [
                {"item": {"__typename": "Canned", "grams": 400, "stack": 4}},
                {"item": {"__typename": "Fresh", "chill": 13, "origin": {"organic": True}}},
            ]
        }
    }


async def test_a_cargo_is_found_among_items(network: Network) -> None:
    """A union of the routes, of whose members two are items of the stock and one is nobody else's."""
    query = """
    {
      route(id: "r1") {
        cargo {
          ... on Pallet { weight from: origin }
          ... on Item { sku name label stockedIn { id } }
          ... on Fresh { chill origin { name organic } }
          ... on Canned { stack }
        }
        driver { name manifest phone }
      }
    }
    """

    answer = await network.ask(query)

    assert answer.data == {
        "route": {
            "cargo": [
                {
                    "sku": "kale",
                    "name": "Kale",
                    "label": "<Kale>",
                    "stockedIn": [{"id": "p1"}],
                    "chill": 13,
                    "origin": {"name": "Alder Farm", "organic": True},
                },
                {"weight": 90, "from": "Alder Farm"},
                {
                    "sku": "corn",
                    "name": "Corn",
                    "label": "<Corn>",
                    "stockedIn": [{"id": "p1"}],
                    "stack": 4,
                },
                {
                    "sku": "eggs",
                    "name": "Eggs",
                    "label": "<Eggs>",
                    "stockedIn": [],
                    "chill": None,
                    "origin": None,
                },
            ],
            "driver": {"name": "Val", "manifest": "Val None", "phone": None},
        }
    }


async def test_a_kit_contains_items_that_contain_items(network: Network) -> None:
    answer = await network.ask(
        '{ item(sku: "box") { label calories ... on Kit { contents { name calories(per: 1) ... on Canned { stack } } } } }'
    )

    assert answer.data == {
        "item": {
            "label": "<Box>",
            "calories": None,
            "contents": [
                {"name": "Corn", "calories": 4, "stack": 4},
                {"name": "Kale", "calories": 4},
            ],
        }
    }


async def test_a_shared_root_a_team_and_their_routes(network: Network) -> None:
    query = """
    query ($role: Role, $from: String!, $deep: Boolean!) {
      nearest {
        open
        far: distance(from: $from)
        distance
        team(role: $role) {
          ... on Contact { phone }
          ... on Person { manifest route @include(if: $deep) { id cargo { ... on Fresh { chill } } } }
          ... on Volunteer { shifts { pantry { open distance } } }
        }
        stops { pantry { open team { __typename } } }
      }
    }
    """

    answer = await network.ask(query, {"from": "here", "deep": True})

    route = {"id": "r1", "cargo": [{"chill": 13}, {}, {}, {"chill": None}]}
    assert answer.data == {
        "nearest": {
            "open": True,
            "far": 20,
            "distance": 15,
            "team": [
                {"phone": "555", "manifest": "Uri 555", "route": None},
                {"phone": "777", "shifts": [{"pantry": {"open": False, "distance": 15}}, {"pantry": None}]},
                {"phone": None, "manifest": "Val None", "route": route},
            ],
            "stops": [{"pantry": {"open": False, "team": []}}],
        }
    }


async def test_a_search_across_all_that_there_is(network: Network) -> None:
    answer = await network.ask(
        '{ search(text: "k") { __typename ... on Farm { name organic } ... on Item { name stockedIn { manager { phone manifest } } } } }'
    )

    assert answer.data == {
        "search": [
            {"__typename": "Farm", "name": "Alder Farm", "organic": True},
            None,
            {
                "__typename": "Fresh",
                "name": "Kale",
                "stockedIn": [{"manager": {"phone": "555", "manifest": "Uri 555"}}],
            },
        ]
    }


async def test_a_mutation_whose_result_leads_through_all_of_it(network: Network) -> None:
    answer = await network.ask(
        'mutation { depart(id: "r1") { gone driver { manifest } cargo { ... on Canned { label stack stockedIn { stops { minutes } } } } } }'
    )

    assert answer.data == {
        "depart": {
            "gone": True,
            "driver": {"manifest": "Val None"},
            "cargo": [
                {},
                {},
                {"label": "<Corn>", "stack": 4, "stockedIn": [{"stops": [{"minutes": 12}]}]},
                {},
            ],
        }
    }
