"""`@override`: a field moves to another subgraph; the one that had it is not asked for it any more."""

from __future__ import annotations

from tests.federation.network import Network


async def test_an_overridden_field_comes_from_its_new_owner(network: Network) -> None:
    answer = await network.ask("{ members { name email } }")

    assert answer.data == {"members": [{"name": "Yara", "email": "new@1"}, {"name": "Zeno", "email": None}]}
    assert answer.asked == ["old", "new"]
    assert "email" not in answer.documents("old")


async def test_several_subgraphs_may_take_over_from_one(network: Network) -> None:
    with network.meeting("new", "newest"):
        answer = await network.ask("{ members { email phone } }")

    assert answer.data == {
        "members": [{"email": "new@1", "phone": "newest 1"}, {"email": None, "phone": None}]
    }


async def test_a_root_field_is_overridden_like_any_other(network: Network) -> None:
    answer = await network.ask("{ notice rules }")

    assert answer.data == {"notice": "new notice", "rules": ["be kind"]}
    assert "notice" not in answer.documents("old")


async def test_an_overridden_object_comes_whole_from_its_new_owner(network: Network) -> None:
    answer = await network.ask("{ members { id desk { floor number } } }")

    assert answer.data["members"][0] == {"id": "m1", "desk": {"floor": 3, "number": 7}}
    assert answer.asked == ["old", "new"]


async def test_the_old_owner_is_asked_for_what_it_kept(network: Network) -> None:
    answer = await network.ask("{ guests { name email } }")

    assert answer.data == {"guests": [{"name": "Zeno", "email": None}]}
    assert answer.asked == ["new", "old"]
