"""Last stage for an operation with `@defer`: what is answered first, and what each deferred part waits for.

A part is deferred where it needs requests of its own. Fields that come with what is answered first anyway are answered
first, as "GraphQL incremental delivery" allows.
"""

from __future__ import annotations

from gateway.planner.fetches import Group
from gateway.planner.operation import Operation, Part
from gateway.planner.plan import Defer, DeferredPart, PathStep, PlanNode
from gateway.planner.schedule import Scheduler
from gateway.supergraph.model import Supergraph


def deferred(
    operation: Operation, groups: list[Group], scheduler: Scheduler, supergraph: Supergraph
) -> PlanNode | None:
    """The groups as plan nodes: a `Defer` where any of them belong to a deferred part, else as they are."""
    first = scheduler.schedule([group for group in groups if not group.part])
    parts: list[DeferredPart] = []
    for number, part in enumerate(operation.parts, start=1):
        inside = [group for group in groups if group.part == number]
        if inside:
            node = scheduler.schedule(inside)
            waits = {scheduler.number(o) for g in inside for o in g.depends if o.part != number}
            path = _path(part, supergraph)
            parts.append(DeferredPart(part.label, path, tuple(sorted(waits)), node, part.selection))
    return Defer(first, tuple(parts)) if parts else first


def _path(part: Part, supergraph: Supergraph) -> tuple[PathStep, ...]:
    """The part's place in the answer, with `@` for each list on the way."""
    steps: list[PathStep] = []
    type_name = supergraph.query_type
    for key, name, condition in part.path:
        field = supergraph.types[condition or type_name].fields[name]
        steps += (key, *("@",) * field.list_depth)
        type_name = field.named
    return tuple(steps)
