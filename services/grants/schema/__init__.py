"""The subgraph of programmes and money."""

from __future__ import annotations

import services.grants.schema.enums  # noqa: F401  (names the enums before the types that use them)
from services.grants.schema.extended import Client, Organization
from services.grants.schema.mutations import Mutation
from services.grants.schema.queries import Query
from services.grants.schema.texts import TEXTS
from vereda.graph import subgraph

schema = subgraph(Query, Mutation, types=[Client, Organization], texts=TEXTS)
