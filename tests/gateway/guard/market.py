"""A graph in which every rule of the cost directives has a place, and answers to any operation over it."""

from __future__ import annotations

from typing import Final

from gateway.supergraph import Supergraph, load

SDL: Final = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"]) { query: Query mutation: Mutation }
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
enum join__Graph { MARKET @join__graph(name: "market", url: "http://127.0.0.1:9/") }

type Query @join__type(graph: MARKET) {
  stall(id: ID!): Stall
  stalls(first: Int, last: Int): [Stall!] @listSize(slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
  exactly(first: Int, last: Int): [Stall] @listSize(slicingArguments: ["first", "last"])
  best: [Stall] @listSize(assumedSize: 3)
  every: [Stall]
  shelves: [[Fruit]]
  search(filter: Filter @cost(weight: 4), near: [Point!], loud: Boolean @cost(weight: -3)): [Thing!] @cost(weight: 2)
  page(first: Int = 4, after: String): StallConnection
  paged(page: Page): StallConnection @listSize(slicingArguments: ["page.size"], sizedFields: ["edges"], requireOneSlicingArgument: false)
  open: Boolean
  rating: Int @cost(weight: 5)
  rebate(of: Rebate): Int! @cost(weight: -5)
  gift(of: Rebate @cost(weight: 9)): Int @cost(weight: -4)
  remains(of: Rebate @cost(weight: 6)): [Fruit!] @cost(weight: -2)
  main: Stall!
  tools: [Tool!]!
  boxes: [[Fruit!]!]!
}
type Mutation @join__type(graph: MARKET) { rent(stall: ID!): Stall  note(text: String!): Boolean }
type Stall @join__type(graph: MARKET) @cost(weight: 2) {
  id: ID!  name: String  kind: Kind  digest: Digest  codes: [Int!]  marks: [Kind!]
  fruit(first: Int): [Fruit!]  dear: Fruit @cost(weight: 7)  neighbour: Stall  thing: Thing
  best: Fruit!  holds: [Thing!]!
}
type Fruit implements Named @join__type(graph: MARKET) { name: String  ripe: Boolean @cost(weight: 1)  seller: Stall }
type Tool implements Named @join__type(graph: MARKET) @cost(weight: 6) { name: String  sharp: Boolean  makers: [Stall] }
interface Named @join__type(graph: MARKET) { name: String }
union Thing @join__type(graph: MARKET) = Fruit | Tool | Stall
type StallConnection @join__type(graph: MARKET) { edges: [StallEdge]  nodes: [Stall]  total: Int  info: PageInfo }
type StallEdge @join__type(graph: MARKET) { cursor: String  node: Stall }
type PageInfo @join__type(graph: MARKET) { more: Boolean }
enum Kind @join__type(graph: MARKET) @cost(weight: 3) { NEW OLD }
scalar Digest @join__type(graph: MARKET) @cost(weight: 4)
input Filter @join__type(graph: MARKET) { deep: Boolean @cost(weight: 7)  kind: Kind  also: [Filter!]  at: Point @cost(weight: 2) }
input Point @join__type(graph: MARKET) { x: Int  y: Int }
input Page @join__type(graph: MARKET) { size: Int }
enum Rebate @join__type(graph: MARKET) @cost(weight: 2) { SMALL LARGE }
"""

MARKET: Final[Supergraph] = load(SDL)
