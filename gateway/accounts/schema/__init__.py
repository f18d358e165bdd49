"""The subgraph of accounts."""

from __future__ import annotations

import strawberry

import gateway.accounts.schema.enums  # noqa: F401  (names the enums before the types that use them)
from gateway.accounts.schema.clients import ClientsMutation
from gateway.accounts.schema.people import PeopleMutation
from gateway.accounts.schema.queries import Query
from vereda.graph import subgraph


@strawberry.type
class Mutation(PeopleMutation, ClientsMutation):
    """All that changes something; each part is in the module of what it is about."""


schema = subgraph(Query, Mutation)
