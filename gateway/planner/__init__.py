"""The query planner: an operation over a supergraph becomes a tree of requests to subgraphs.

    plan = Planner(supergraph).plan(document)

Stages, each in its own module: `normalising` (normal form), `laying` (who could answer what, over the moves of
`reach`), `search` (who does), `merging` (fewer requests), `documents`, `schedule` and `deferring` (plan nodes). The
result is `plan.QueryPlan`; `budget` bounds what it costs.
"""

from __future__ import annotations

from gateway.planner.budget import BudgetExceededError, ClashError, PlanningError, PlanningLimits
from gateway.planner.plan import QueryPlan
from gateway.planner.planning import Planner
from gateway.planner.printing import to_json, to_text

__all__ = [
    "BudgetExceededError",
    "ClashError",
    "Planner",
    "PlanningError",
    "PlanningLimits",
    "QueryPlan",
    "to_json",
    "to_text",
]
