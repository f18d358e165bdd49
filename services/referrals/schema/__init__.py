"""The subgraph of people and hand-offs."""

from __future__ import annotations

import services.referrals.schema.enums  # noqa: F401  (names the enums before the types that use them)
from services.referrals.schema.mutations import Mutation
from services.referrals.schema.partners import Organization, Service, Workshop
from services.referrals.schema.queries import Query
from services.referrals.schema.texts import TEXTS
from vereda.graph import subgraph

schema = subgraph(Query, Mutation, types=[Organization, Service, Workshop], texts=TEXTS)
