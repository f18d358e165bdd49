"""The gateway's page (docs/gateway.md) follows one operation through every stage: all that it shows is made anew here."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from inspect import isawaitable
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from graphql import GraphQLSchema, parse, print_ast
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.rows import Person
from bench.schemas import answer, attach, subgraph_schemas
from gateway.cli import show_plan
from gateway.executor import generating, program
from gateway.executor.projection import compile_projection
from gateway.planner import Planner
from gateway.planner.budget import Budget
from gateway.planner.fetches import LAST, Group, SelectionTree
from gateway.planner.laying import Laid, lay_out
from gateway.planner.merging import levels, merge_groups
from gateway.planner.normalising import normalise
from gateway.planner.operation import FieldSelection, Selection
from gateway.planner.places import Place, Via, View
from gateway.planner.plan import Fetch, Flatten, Parallel, PlanNode, Sequence
from gateway.planner.search import Search
from gateway.supergraph import Supergraph, load
from gateway.supergraph.fieldsets import parse_field_set
from tests.federation.compose import FOLDER, SUPERGRAPH
from tests.federation.compose import sources as sources_of
from tests.federation.skip_and_include.data import SUBGRAPHS as RECIPES
from tests.federation.subgraph import Subgraph
from vereda.telemetry import request_id

DOCS: Final = Path(__file__).parent.parent / "docs"
PAGE: Final = (DOCS / "gateway.md").read_text()
BENCH_GRAPH: Final = DOCS.parent / "bench" / "graph" / "supergraph.graphql"


def shown(name: str) -> str:
    """What the page shows behind `<!-- name -->`."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)\n```", PAGE, re.DOTALL)
    assert found, f"docs/gateway.md does not show {name}"
    return found[1]


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading is this."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table, f"docs/gateway.md has no table of {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


def is_excerpt(part: str, whole: str) -> bool:
    """Whether the lines of a part stand in the whole, in order; `...` for what is left out."""
    rest = iter([line.strip() for line in whole.splitlines()])
    return all(line.strip() in rest for line in part.splitlines() if line.strip() != "...")


@cache
def graph() -> Supergraph:
    return load(BENCH_GRAPH.read_text())


def laid_out() -> Laid:
    operation = normalise(parse(shown("the operation")), None)
    fields = tuple(field for field in operation.selections if isinstance(field, FieldSelection))
    return lay_out(graph(), "Query", fields, graph().subgraphs.values(), Budget())


def path_of(view: View) -> str:
    return ".".join(view.path) or "(root)"


class WatchedSearch(Search):
    """Keeps, for each field, the prices of the first decision that had a choice."""

    def __init__(self, laid: Laid) -> None:
        super().__init__(graph(), laid, "query", Budget())
        self.decisions: dict[str, list[list[str]]] = {}
        self._considered: list[Place] = []

    def _cheapest(self, candidates: Iterable[Place], limit: int | None = None) -> Place:
        self._considered = [place for place in candidates if limit is None or place.depth < limit]
        self._prices_then = {place: self._price(place) for place in self._considered}
        return super()._cheapest(self._considered, limit)

    def _ask(self, place: Place, selection: FieldSelection, part: int, rank: int = LAST) -> Group:
        if len(self._considered) > 1:
            decision = [
                [
                    f"`{selection.name}`",
                    other.subgraph.name,
                    *map(str, price),
                    "yes" if other is place else "",
                ]
                for other, price in self._prices_then.items()
            ]
            self.decisions.setdefault(selection.name, decision)
        return super()._ask(place, selection, part, rank)


def in_lines(groups: list[Group]) -> str:
    """Level, subgraph, place in the answer, and the fields that stand there."""
    level = levels(groups)
    return "\n".join(
        f"{level[group]}  {group.subgraph:<11}{'.'.join(group.path) or '(root)':<31}{' '.join(_top(group.tree))}"
        for group in sorted(groups, key=lambda group: level[group])
    )


def _top(tree: SelectionTree) -> list[str]:
    """The fields of a tree that the client asked for or that lead to them, and keys; no `__typename`."""
    inside = [name for inner in tree.fragments.values() for name in _top(inner)]
    return [asked.name for asked, _ in tree.ordered() if asked.name != "__typename"] + inside


def in_normal_form(selections: Iterable[Selection], indent: str = "") -> Iterator[str]:
    for selection in selections:
        if isinstance(selection, FieldSelection):
            arguments = f"({selection.arguments})" if selection.arguments else ""
            when = "".join(
                f"  when {'' if when.value else 'not '}${when.variable}" for when in selection.conditions
            )
            yield f"{indent}{selection.name}{arguments}{when}"
        else:
            yield f"{indent}... on {selection.type_condition}"
        yield from in_normal_form(selection.selections, f"{indent}  ")


@dataclass
class Told:
    """One run of an operation: what the subgraphs were asked, what came of it, and the code that was written for it."""

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    merged: dict[str, Any] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def application(self, name: str, answering: Callable[[dict[str, Any]], Any]) -> Starlette:
        async def serve(request: Request) -> JSONResponse:
            said = await request.json()
            self.requests.append((name, said))
            answered = answering(said)
            return JSONResponse(await answered if isawaitable(answered) else answered)

        return Starlette(routes=[Route("/graphql", serve, methods=["POST"])])


async def tell(
    monkeypatch: pytest.MonkeyPatch,
    sdl: str,
    query: str,
    answering: Mapping[str, Callable[[dict[str, Any]], Any]],
) -> Told:
    """Run a query as the page says that it is done in one process."""
    told = Told()

    def compile_source(text: str, name: str, mode: str) -> Any:
        told.sources.append(text)
        return compile(text, name, mode)

    def watched_projection(*given: Any) -> Any:
        project = compile_projection(*given)

        def watched(merged: dict[str, Any]) -> Any:
            told.merged = merged
            return project(merged)

        return watched

    monkeypatch.setattr(generating, "compile", compile_source, raising=False)
    monkeypatch.setattr(program, "compile_projection", watched_projection)
    applications = {name: told.application(name, answer) for name, answer in answering.items()}
    names: dict[str, Any] = {"applications": applications, "sdl": sdl, "query": query}
    code = compile(shown("in one process"), "docs/gateway.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, names)
    told.answer = json.loads(names["answer"])
    return told


async def visit(monkeypatch: pytest.MonkeyPatch, schemas: Mapping[str, GraphQLSchema]) -> Told:
    """The page's operation over the bench's subgraphs."""
    answering = {name: partial(answer, schema) for name, schema in schemas.items()}
    return await tell(monkeypatch, BENCH_GRAPH.read_text(), shown("the operation"), answering)


def test_the_page_knows_who_answers_what() -> None:
    for names, said in rows("field"):
        for type_name, name in re.findall(r"(\w+)\.(\w+)", names):
            found = {
                (subgraph.name, subgraph.types[type_name].fields[name].requires)
                for subgraph in graph().subgraphs.values()
                if type_name in subgraph.types
                and name in subgraph.types[type_name].fields
                and not subgraph.types[type_name].fields[name].external
            }
            owners, _, given = said.partition(", given ")
            required = parse_field_set(given.strip("`")) if given else ()
            assert found == {(owner, required) for owner in owners.split(", ")}, f"{type_name}.{name}"


def test_the_page_shows_the_normal_form() -> None:
    operation = normalise(parse(shown("the operation")), None)

    assert shown("the normal form").splitlines() == list(in_normal_form(operation.selections))


def test_the_page_lists_the_places_that_could_answer() -> None:
    def said(place: Place) -> str:
        given = f", given `{' '.join(item.name for item in place.requires)}`" if place.requires else ""
        return f"{place.subgraph.name} {place.depth}{given}"

    found = [
        [f"`{leaf.view.path[-1]}.{leaf.selection.name}`", "; ".join(map(said, leaf.candidates))]
        for leaf in laid_out().leaves
    ]

    assert rows("leaf") == found


def test_the_query_graph_is_the_picture() -> None:
    def how(place: Place) -> str:
        if place.via is not Via.HOP:
            return place.via.name.lower()
        names = [", ".join(item.name for item in items) for items in (place.key, place.requires) if items]
        return f"by {' with '.join(names)}"

    waiting = [leaf.view for leaf in laid_out().leaves]
    found = set()
    for view in waiting:
        for place in (*view.places, *(other for some in view.candidates.values() for other in some)):
            found.add(f"{path_of(view)}: {place.subgraph.name} {place.depth} {how(place)}")
            if place.parent is not None:
                waiting.append(place.parent.view)

    assert titles("query-graph.svg") == found


def titles(picture: str) -> set[str]:
    """What a picture says of each of its boxes."""
    groups = ElementTree.parse(DOCS / "pictures" / picture).getroot().iter("{http://www.w3.org/2000/svg}g")
    return {str(group.findtext("{http://www.w3.org/2000/svg}title")) for group in groups}


def test_the_page_tells_prices_and_joins_as_they_are() -> None:
    search = WatchedSearch(laid_out())
    search._decide()

    assert rows("asked for") == [*search.decisions["code"], *search.decisions["language"]]
    assert shown("the groups before") == in_lines(search._groups)
    assert shown("the groups after") == in_lines(merge_groups(search._groups))


def test_the_plan_of_the_page_is_what_the_command_prints(tmp_path: Path) -> None:
    operation = tmp_path / "visitor.graphql"
    operation.write_text(shown("the operation"))
    nodes = json.loads(show_plan(BENCH_GRAPH, operation, as_json=True))["node"]["nodes"]

    assert shown("the plan") == show_plan(BENCH_GRAPH, operation, as_json=False).strip()
    assert json.loads(shown("a fetch as JSON")) == nodes[3]["nodes"][0]

    operation.write_text(shown("another operation"))
    other = show_plan(FOLDER / "requires_on_abstract_types" / SUPERGRAPH, operation, as_json=False)
    assert is_excerpt(shown("the other plan begins"), other)
    assert other.startswith(shown("the other plan begins").splitlines()[0])


async def test_the_page_shows_what_is_sent_and_what_comes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    told = await visit(monkeypatch, subgraph_schemas())
    merged = told.merged["person"]["notes"]

    sent = [f"{name:<11}{json.dumps(said.get('variables', {}))}" for name, said in told.requests]
    assert sorted(shown("the requests").splitlines()) == sorted(sent)
    assert json.loads(shown("a body")) in [said for _, said in told.requests]
    assert json.loads(shown("merged")) == merged[1]
    assert merged[1]["workshop"]["host"] is merged[2]["workshop"]["host"]
    assert json.loads(shown("the answer")) == told.answer
    assert any(is_excerpt(shown("a walk"), source) for source in told.sources)
    assert any(is_excerpt(shown("a projection"), source) for source in told.sources)


async def test_the_page_shows_an_errors_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def name(person: Person, _info: object) -> str:
        if person.id == "p3":
            raise ValueError("the people's own business")
        return person.name

    schemas = subgraph_schemas()
    attach(schemas["people"], "Person", {"name": name})
    token = request_id.set("5c1e")
    told = await visit(monkeypatch, schemas)
    request_id.reset(token)

    assert json.loads(shown("the errors")) == told.answer["errors"]
    hosts = [note["workshop"].pop("host") for note in told.answer["data"]["person"]["notes"]]
    assert [host is None for host in hosts] == [False, True, True]
    assert all(None not in note["workshop"].values() for note in told.answer["data"]["person"]["notes"][:2])


async def test_the_page_shows_requests_that_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FOLDER / "skip_and_include"
    subgraphs = {name: Subgraph(name, sdl, RECIPES[name]) for name, sdl in sources_of(folder).items()}
    told = await tell(
        monkeypatch,
        (folder / SUPERGRAPH).read_text(),
        "{ recipes { author { name } fans { name } } }",
        {name: subgraph.answer for name, subgraph in subgraphs.items()},
    )

    (joined,) = [said["query"] for name, said in told.requests if name == "people"]
    assert shown("a joined request") == print_ast(parse(joined))


def test_the_requests_of_the_picture_are_those_of_the_plan() -> None:
    plan = Planner(graph()).plan(parse(shown("the operation")))
    found = {
        f"{fetch.id} {fetch.subgraph} {path or '(root)'} after {', '.join(map(str, fetch.after or ())) or '-'}"
        for fetch, path in fetches_in(plan.node)
    }

    assert titles("fetches.svg") == found


def fetches_in(node: PlanNode | None, path: str = "") -> Iterator[tuple[Fetch, str]]:
    if isinstance(node, Fetch):
        yield node, path
    elif isinstance(node, Flatten):
        yield from fetches_in(node.node, ".".join(node.path))
    elif isinstance(node, Sequence | Parallel):
        for inner in node.nodes:
            yield from fetches_in(inner)
