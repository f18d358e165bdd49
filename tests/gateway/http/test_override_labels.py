"""Progressive `@override`: who answers a field follows from the labels in force for a request (Federation 2 §@override)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import engine as engine_module
from gateway.engine import Engine
from gateway.identity import Identity
from gateway.request import GraphQLRequest
from gateway.settings import override_labels
from gateway.supergraph import load
from gateway.supergraph.labels import labels_in_force
from gateway.transport import SubgraphAnswer

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) { query: Query }
directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT
directive @join__field(graph: join__Graph, override: String, overrideLabel: String, usedOverridden: Boolean)
  repeatable on FIELD_DEFINITION
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { OLD @join__graph(name: "old", url: "") NEW @join__graph(name: "new", url: "") }
type Query @join__type(graph: OLD) @join__type(graph: NEW) {
  share: Int @join__field(graph: OLD) @join__field(graph: NEW, override: "old", overrideLabel: "percent(20)")
  named: Int @join__field(graph: OLD, usedOverridden: true)
    @join__field(graph: NEW, override: "old", overrideLabel: "new-desk")
}
"""


class Asked:
    """A transport that notes who was asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        self.names.append(subgraph)
        return SubgraphAnswer(200, b'{"data":{"share":1,"named":1}}')

    async def close(self) -> None: ...


async def who_answers(query: str, *labels: str) -> list[str]:
    asked = Asked()
    engine = Engine(load(SUPERGRAPH), asked, override_labels=frozenset(labels))
    await engine.execute(GraphQLRequest(query), Identity("nobody"))
    return asked.names


@pytest.mark.parametrize(("draw", "name"), [(0.0, "new"), (0.199, "new"), (0.2, "old"), (0.999, "old")])
async def test_a_share_of_requests_goes_to_the_new_owner(
    monkeypatch: pytest.MonkeyPatch, draw: float, name: str
) -> None:
    monkeypatch.setattr(engine_module, "random", lambda: draw)

    assert await who_answers("{ share }") == [name]


async def test_each_request_is_drawn_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([0.9, 0.1, 0.9])
    monkeypatch.setattr(engine_module, "random", lambda: next(draws))
    asked = Asked()
    engine = Engine(load(SUPERGRAPH), asked)

    for _ in range(3):
        await engine.execute(GraphQLRequest("{ share }"), Identity("nobody"))

    assert asked.names == ["old", "new", "old"]


@pytest.mark.parametrize(("labels", "name"), [((), "old"), (("new-desk",), "new"), (("other",), "old")])
async def test_another_label_is_in_force_while_the_operator_says_so(
    labels: tuple[str, ...], name: str
) -> None:
    assert await who_answers("{ named }", *labels) == [name]


def test_labels_are_told_by_the_environment() -> None:
    assert override_labels({"VEREDA_OVERRIDE_LABELS": "new-desk, other,"}) == {"new-desk", "other"}
    assert override_labels({}) == frozenset()


@given(
    st.lists(st.floats(0, 100).map(lambda share: f"percent({share:.3f})")), st.floats(0, 1, exclude_max=True)
)
def test_who_is_in_a_small_share_is_in_every_larger_one(labels: list[str], draw: float) -> None:
    def share(label: str) -> float:
        return float(label[8:-1])

    inside = labels_in_force(labels, frozenset(), draw)

    assert inside == {label for label in labels if draw * 100 < share(label)}


@pytest.mark.parametrize("label", ["percent()", "percent(1000)", "percent(-1)", "percent(abc)", "half"])
def test_what_names_no_share_is_in_force_for_nobody(label: str) -> None:
    assert labels_in_force([label], frozenset(), 0.0) == frozenset()
