"""The query planner: an operation over a supergraph becomes a tree of requests to subgraphs.

    plan = Planner(supergraph).plan(document)

Stages, each in its own module: `operation` (normal form), `search` (which subgraph answers what, over `reach`'s
moves), `merging` (fewer requests), `schedule` and `documents` (plan nodes). The result is `plan.QueryPlan`.
"""

from __future__ import annotations

from gateway.planner.operation import PlanningError
from gateway.planner.plan import QueryPlan
from gateway.planner.planning import Planner
from gateway.planner.printing import to_json, to_text

__all__ = ["Planner", "PlanningError", "QueryPlan", "to_json", "to_text"]
