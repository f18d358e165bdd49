"""The directory's subgraph."""

from __future__ import annotations

import services.partners.schema.enums  # noqa: F401  (names the enums before the types that use them)
from services.partners.schema.mutations import Mutation
from services.partners.schema.queries import Query
from services.partners.schema.texts import TEXTS
from services.partners.schema.types import ServiceAtLocation
from vereda.graph import subgraph

schema = subgraph(Query, Mutation, types=[ServiceAtLocation], texts=TEXTS)
