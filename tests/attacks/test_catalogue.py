"""Every attack of the catalogue, one after the other, on one gateway."""

from __future__ import annotations

import pytest

from tests.attacks import documents, leaks, sites, values  # noqa: F401 (they fill the catalogue)
from tests.attacks.catalogue import ATTACKS, LARGEST_REFUSAL, Attack
from tests.attacks.target import GRAPHQL_RESPONSE, Target

#: What validation and the parser say of a schema when they are left to say it.
_TELLING = ("Did you mean", "Person", "Filter", "Reachable", "people", "String", '"first"', "Cannot query")


@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, "application/json"], ids=["modern", "plain"])
@pytest.mark.parametrize(
    "attack",
    [pytest.param(each, id=f"{each.kind}: {each.name}") for each in ATTACKS],
)
async def test_what_comes_of_it(target: Target, attack: Attack, accept: str) -> None:
    asked, sent = len(target.asked), attack.request()

    answer = await target.send(sent, accept=accept)

    attack.expected.check(answer)
    assert len(target.asked) == asked or attack.expected.served
    assert not [name for name, _ in answer.headers if name.startswith("access-control-")]
    if answer.body:
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("cache-control") == "no-store"
    if not attack.expected.served:
        assert len(answer.raw) < LARGEST_REFUSAL
        assert not [
            word for word in _TELLING if word.encode() in answer.body and word.encode() not in sent.body
        ]
    for seen in target.asked[asked:]:
        assert not seen.headers.keys() & {"authorization", "cookie", "origin", "x-wg-trace"}
        assert not [name for name in seen.headers if name.startswith(("apollo-", "x-hive-"))]


def test_each_attack_is_told_once() -> None:
    names = [each.name for each in ATTACKS]

    assert len(names) == len(set(names))
