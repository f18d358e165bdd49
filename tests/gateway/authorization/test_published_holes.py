"""Holes that others had and published, each tried here as its advisory tells it."""

from __future__ import annotations

import pytest

from gateway.engine import Engine, GraphQLRequest
from gateway.identity import Identity
from gateway.supergraph import SupergraphError, load
from gateway.transport import SubgraphAnswer
from tests.gateway.authorization.asking import LINKS, NOBODY, SOMEBODY, Graph, holding

POSTS = """
type Query @join__type(graph: A) { posts: [Post!] @join__field(graph: A) blog: Blog @join__field(graph: A) }
interface Post @join__type(graph: A) %s { id: ID! title: String %s }
type Blog implements Post @join__type(graph: A) @join__implements(graph: A, interface: "Post") %s { id: ID! title: String %s }
type Note implements Post @join__type(graph: A) @join__implements(graph: A, interface: "Post") %s { id: ID! title: String %s }
"""
AUTH = "@authenticated"


@pytest.mark.parametrize("said", [("", "", AUTH, "", AUTH, ""), ("", "", "", AUTH, "", AUTH)])
async def test_cve_2025_64173_types_all_protected_alike_are_not_reached_through_their_open_interface(
    said: tuple[str, ...],
) -> None:
    """Apollo Router looked at the interface alone where all of its types had the same demands."""
    answer = await Graph(POSTS % said).ask("{ posts { title } }", NOBODY)

    assert answer.closed
    assert not answer.asked & {"Blog.title", "Note.title"}
    assert not (await Graph(POSTS % said).ask("{ posts { title } }", SOMEBODY)).errors


@pytest.mark.parametrize("said", [(AUTH, "", "", "", "", ""), ("", AUTH, "", "", "", "")])
@pytest.mark.parametrize(
    "query",
    [
        "{ posts { ... on Blog { title } ... on Note { title } } }",
        "{ posts { ...B } } fragment B on Blog { title }",
        "{ blog { title } }",
        "{ blog { ... on Post { title } } }",
    ],
)
async def test_cve_2025_64530_a_protected_interface_is_not_passed_by_naming_its_types(
    said: tuple[str, ...], query: str
) -> None:
    """Apollo's composition let people protect interfaces, and its router asked nothing of their types."""
    answer = await Graph(POSTS % said).ask(query, NOBODY)

    assert answer.closed
    assert not answer.asked & {"Blog.title", "Note.title"}
    assert not (await Graph(POSTS % said).ask(query, SOMEBODY)).errors


RENAMED = """
type Query @join__type(graph: A) {
  a: Int @%(authenticated)s
  b: Int @%(requiresScopes)s(scopes: [["x"]])
  c: Int @%(policy)s(policies: [["p"]])
}
"""


@pytest.mark.parametrize(
    ("links", "names"),
    [
        (
            " ".join(
                f'@link(url: "https://specs.apollo.dev/{spec}/v0.1", import: [{{name: "@{spec}", as: "@my_{spec}"}}], for: SECURITY)'
                for spec in ("authenticated", "requiresScopes", "policy")
            ),
            "my_%s",
        ),
        (
            " ".join(
                f'@link(url: "https://specs.apollo.dev/{spec}/v0.1", as: "ns_{spec}", for: SECURITY)'
                for spec in ("authenticated", "requiresScopes", "policy")
            ),
            "ns_%s",
        ),
        (
            '@link(url: "https://specs.apollo.dev/federation/v2.9", import: [{name: "@authenticated", as: "@f_authenticated"},'
            ' {name: "@requiresScopes", as: "@f_requiresScopes"}, {name: "@policy", as: "@f_policy"}])',
            "f_%s",
        ),
        ("", "%s"),
    ],
)
async def test_cve_2025_64347_directives_bind_under_whatever_name_they_were_imported(
    links: str, names: str
) -> None:
    sdl = RENAMED % {spec: names % spec for spec in ("authenticated", "requiresScopes", "policy")}

    answer = await Graph(sdl, links=links).ask("{ a b c }", NOBODY)

    assert answer.closed == ["a", "b", "c"]
    assert not answer.asked


async def test_cve_2025_64347_a_directive_of_the_graphs_own_with_a_taken_name_asks_nothing() -> None:
    sdl = RENAMED % {"authenticated": "authenticated", "requiresScopes": "auth", "policy": "policy"}
    links = '@link(url: "https://specs.apollo.dev/authenticated/v0.1", import: [{name: "@authenticated", as: "@auth"}], for: SECURITY)'

    answer = await Graph(sdl.replace('(scopes: [["x"]])', ""), links=links).ask("{ a b }", NOBODY)

    assert answer.closed == ["b"]


TRANSITIVE = """
type Query @join__type(graph: A) @join__type(graph: B) { it: It! @join__field(graph: A) }
type It @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  salary: Int @join__field(graph: A) @join__field(graph: B, external: true) @requiresScopes(scopes: [["pay"]])
  bonus: Int @join__field(graph: B, requires: "salary") @join__field(graph: A, external: true)
  total: Int @join__field(graph: A, requires: "bonus")
}
"""


@pytest.mark.parametrize("field", ["bonus", "total"])
async def test_ghsa_m8jr_fxqx_8xx6_what_is_computed_from_protected_data_is_protected(field: str) -> None:
    """Apollo Router fetched what `@requires` named for whoever asked for the outcome."""
    graph = Graph(TRANSITIVE)

    answer = await graph.ask(f"{{ it {{ id {field} }} }}", SOMEBODY)

    assert answer.closed == [f"it.{field}"]
    assert not answer.asked & {"It.salary", "It.bonus", "It.total"}
    assert (await graph.ask(f"{{ it {{ id {field} }} }}", holding("pay"))).data["it"][field] is not None


async def test_ghsa_m8jr_fxqx_8xx6_what_takes_from_a_context_is_answered_to_nobody() -> None:
    """Contexts are not supported: no data goes from what one may not see into what one may."""
    sdl = """
    type Query @join__type(graph: A) { it: It @join__field(graph: A) }
    type It @join__type(graph: A) { secret: Int @authenticated part: Part }
    type Part @join__type(graph: A) {
      id: ID!
      made: Int @join__field(graph: A, contextArguments: [{context: "c", name: "s", type: "Int", selection: "{ secret }"}])
    }
    """
    answer = await Graph(sdl).ask("{ it { part { made } } }", NOBODY)

    assert answer.errors[0]["extensions"]["code"] == "OPERATION_NOT_PLANNABLE"
    assert not answer.asked


async def test_cosmo_1815_an_alias_is_no_other_field() -> None:
    """WunderGraph's router looked a demand up by the alias (wundergraph/cosmo#1815)."""
    sdl = 'type Query @join__type(graph: A) { user: Int @requiresScopes(scopes: [["read"]]) open: Int }'

    answer = await Graph(sdl).ask("{ user1: user open: user user: open }", SOMEBODY)

    assert answer.closed == ["user1", "open"]
    assert answer.data["user"] is not None


async def test_cosmo_2125_demands_are_looked_at_before_anything_is_sent() -> None:
    """A closed mutation had happened by the time it was refused (wundergraph/cosmo#2125)."""
    graph = Graph("type Query @join__type(graph: A) { x: Int }")

    answer = await graph.ask("mutation { wipe }", NOBODY)

    assert answer.closed == ["wipe"]
    assert not graph.subgraphs.mutated


async def test_envelop_892_an_introspection_beside_it_opens_nothing() -> None:
    """Whoever asked for `__schema` as well was let through (graphql-hive/envelop#892)."""
    graph = Graph("type Query @join__type(graph: A) { x: Int @authenticated }")

    answer = await graph.ask("{ __schema { __typename } x }", NOBODY)

    assert answer.closed == ["x"]
    assert answer.data["__schema"] == {"__typename": "__Schema"}


async def test_hive_router_1422_each_type_of_a_union_is_decided_by_itself() -> None:
    """All of a union's demands were taken together (graphql-hive/router#1422)."""
    sdl = """
    type Query @join__type(graph: A) { every: [Media!] @join__field(graph: A) }
    union Media @join__type(graph: A) @join__unionMember(graph: A, member: "Book") @join__unionMember(graph: A, member: "Film") = Book | Film
    type Book @join__type(graph: A) @requiresScopes(scopes: [["a", "b"]]) { title: String! }
    type Film @join__type(graph: A) @requiresScopes(scopes: [["c", "d"]]) { title: String! }
    """.replace("[Media!]", "[Media]")
    graph = Graph(sdl)

    answer = await graph.ask(
        "{ every { ... on Book { title } ... on Film { title } } }", holding("a", "b", "c")
    )

    assert "Film.title" not in answer.asked
    assert all(item is None or "Book" in item["title"] for item in answer.data["every"])


async def test_router_4714_a_fragment_that_loses_all_it_holds_breaks_nothing() -> None:
    """The filtered document was no longer valid (apollographql/router#4714)."""
    graph = Graph("type Query @join__type(graph: A) { x: Int @authenticated y: Int }")

    answer = await graph.ask(
        "query ($n: Boolean!) { ...F y } fragment F on Query { ...G @skip(if: $n) } fragment G on Query { x }",
        NOBODY,
        n=False,
    )

    assert answer.closed == ["x"]
    assert answer.data["y"] is not None


class Failing:
    """A subgraph that cannot tell a key, and says why."""

    async def send(self, *_: object, **__: object) -> SubgraphAnswer:
        return SubgraphAnswer(
            200,
            b'{"data":{"it":{"id":null,"__typename":"It"}},"errors":[{"message":"id 17 is sealed","path":["it","id"],'
            b'"extensions":{"code":"FORBIDDEN"}}],"extensions":{"redactions":[{"path":["it","id"],"reason":"SEALED"}]}}',
        )

    async def close(self) -> None: ...


async def test_cve_2026_78693_an_error_of_a_service_does_not_name_what_is_closed() -> None:
    """Errors of a key that is fetched for joins, and closed to the caller, led back to it."""
    sdl = TRANSITIVE.replace("id: ID!", "id: ID @authenticated open: Int @join__field(graph: B)")
    graph = Graph(sdl)
    engine = Engine(graph.world.supergraph, Failing(), development=True)

    result = await engine.execute(GraphQLRequest("{ it { id open } }"), NOBODY)

    places = [(error["extensions"]["code"], error["path"]) for error in result.errors]
    assert places == [("FORBIDDEN", ["it"]), ("UNAUTHORIZED_FIELD_OR_TYPE", ["it", "id"])]
    assert "redactions" not in result.extensions


@pytest.mark.parametrize(
    "url", ["https://specs.apollo.dev/futureAuth/v0.1", "https://example.com/shield/v1.0"]
)
def test_a_supergraph_that_is_secured_by_what_nobody_here_knows_is_not_served(url: str) -> None:
    """ "link spec §purpose": who does not know a SECURITY feature must not serve the document."""
    with pytest.raises(SupergraphError, match="secured by"):
        Graph("type Query @join__type(graph: A) { x: Int }", links=f'@link(url: "{url}", for: SECURITY)')


EXTENDED = """
schema %s { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a.test") }
type Query @join__type(graph: A) { x: Int it: It kind: Kind }
type It @join__type(graph: A) { y: Int }
enum Kind @join__type(graph: A) { ONE }
extend type It @authenticated
extend enum Kind @authenticated
extend type Query { z: Int @join__field(graph: A) @authenticated }
"""


async def test_a_directive_on_an_extension_binds_as_on_the_type() -> None:
    supergraph = load(EXTENDED % LINKS)
    engine = Engine(supergraph, Failing(), development=True)

    for caller, closed in ((NOBODY, [["it"], ["kind"], ["z"]]), (SOMEBODY, [])):
        result = await engine.execute(GraphQLRequest("{ it { y } kind z }"), caller)
        codes = [e["path"] for e in result.errors if e["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"]
        assert codes == closed


def test_an_extension_of_nothing_is_a_mistake() -> None:
    with pytest.raises(SupergraphError, match="`Kin` is extended"):
        load((EXTENDED % LINKS).replace("extend enum Kind", "extend enum Kin"))


async def test_a_caller_is_asked_anew_when_his_rights_change() -> None:
    """One engine, one text: what was made for one who may is not used for one who may not."""
    graph = Graph('type Query @join__type(graph: A) { x: Int @requiresScopes(scopes: [["a"]]) }')
    callers = [holding("a"), SOMEBODY, NOBODY, holding("b"), holding("a", "b"), Identity("other")]

    closed = [(await graph.ask("{ x }", caller)).closed for caller in callers]

    assert closed == [[], ["x"], ["x"], ["x"], [], ["x"]]
