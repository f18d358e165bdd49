"""Plans for people and tools: Apollo's text form and its JSON form ("Federation 2 §query plans")."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode, parse, print_ast

from gateway.planner.plan import (
    Condition,
    Defer,
    DeferredPart,
    Fetch,
    Flatten,
    KeyField,
    KeySelection,
    Parallel,
    PlanNode,
    QueryPlan,
    Rename,
    Sequence,
    SetValue,
    Subscription,
)

Json = dict[str, Any]


def to_text(plan: QueryPlan) -> str:
    """The plan as indented text, ending in a newline."""
    if plan.node is None:
        return "QueryPlan {}\n"
    return "\n".join(["QueryPlan {", *_indented(_lines(plan.node)), "}", ""])


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _block(head: str, *inner: PlanNode | None) -> list[str]:
    lines = [f"{head} {{"]
    for node in inner:
        if node is not None:
            lines += _indented(_lines(node))
    return [*lines, "},"]


def _lines(node: PlanNode) -> list[str]:
    if isinstance(node, Fetch):
        return _fetch_lines(node)
    if isinstance(node, Flatten):
        return _block(f'Flatten(path: "{".".join(node.path)}")', node.node)
    if isinstance(node, Sequence):
        return _block("Sequence", *node.nodes)
    if isinstance(node, Parallel):
        return _block("Parallel", *node.nodes)
    if isinstance(node, Condition):
        return _condition_lines(node)
    if isinstance(node, Subscription):
        rest = _block("Rest", node.rest) if node.rest is not None else []
        return ["Subscription {", *_indented([*_block("Primary", node.primary), *rest]), "},"]
    deferred = [line for part in node.deferred for line in _deferred_lines(part)]
    return ["Defer {", *_indented([*_block("Primary", node.primary), *deferred]), "},"]


def _deferred_lines(part: DeferredPart) -> list[str]:
    """`Deferred(depends: [0], path: "books.@", label: "prices") { … }`, what it adds before how it is fetched."""
    label = f', label: "{part.label}"' if part.label is not None else ""
    head = f'Deferred(depends: {list(part.depends)}, path: "{".".join(part.path)}"{label}) {{'
    adds = print_ast(parse(part.selection, no_location=True)).splitlines() if part.selection else []
    inner = _lines(part.node) if part.node is not None else []
    return [head, *_indented([*adds[:-1], *(f"{line}:" for line in adds[-1:]), *inner]), "},"]


def _condition_lines(node: Condition) -> list[str]:
    if node.else_clause is None:
        return _block(f"Include(if: ${node.variable})", node.if_clause)
    if node.if_clause is None:
        return _block(f"Skip(if: ${node.variable})", node.else_clause)
    inner = [*_block("Then", node.if_clause), *_block("Else", node.else_clause)]
    return [f"Condition(if: ${node.variable}) {{", *_indented(inner), "},"]


def _fetch_lines(node: Fetch) -> list[str]:
    operation = parse(node.document, no_location=True).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    selections: SelectionSetNode = operation.selection_set
    lines = [f'Fetch(service: "{node.subgraph}") {{']
    if node.requires:
        lines += _indented(["{", *_indented(_requires_lines(node.requires)), "} =>"])
        entities = selections.selections[0]
        assert isinstance(entities, FieldNode)
        assert entities.selection_set is not None
        selections = entities.selection_set
    lines += _indented(print_ast(selections).splitlines())
    return [*lines, "},"]


def _requires_lines(selections: tuple[KeySelection, ...]) -> list[str]:
    lines: list[str] = []
    for selection in selections:
        if isinstance(selection, KeyField):
            # As in a document: the alias is the key in the merged answer.
            head = selection.name if selection.alias is None else f"{selection.alias}: {selection.name}"
        else:
            head = f"... on {selection.type_condition}"
        if selection.selections:
            lines += [f"{head} {{", *_indented(_requires_lines(selection.selections)), "}"]
        else:
            lines.append(head)
    return lines


def to_json(plan: QueryPlan) -> Json:
    """The plan as plain dicts and lists, in the form that Apollo's router prints."""
    return {"kind": "QueryPlan", "node": None if plan.node is None else _node_json(plan.node)}


def _node_json(node: PlanNode) -> Json:
    if isinstance(node, Fetch):
        return _fetch_json(node)
    if isinstance(node, Flatten):
        return {"kind": "Flatten", "path": list(node.path), "node": _node_json(node.node)}
    if isinstance(node, Sequence | Parallel):
        return {"kind": type(node).__name__, "nodes": [_node_json(inner) for inner in node.nodes]}
    if isinstance(node, Condition):
        found: Json = {"kind": "Condition", "condition": node.variable}
        if node.if_clause is not None:
            found["ifClause"] = _node_json(node.if_clause)
        if node.else_clause is not None:
            found["elseClause"] = _node_json(node.else_clause)
        return found
    if isinstance(node, Subscription):
        found = {"kind": "Subscription", "primary": _fetch_json(node.primary)}
        if node.rest is not None:
            found["rest"] = _node_json(node.rest)
        return found
    return _defer_json(node)


def _defer_json(node: Defer) -> Json:
    def part_json(part: DeferredPart) -> Json:
        return {
            "depends": [{"id": str(number)} for number in part.depends],
            "label": part.label,
            "queryPath": list(part.path),
            "subselection": part.selection or None,
            "node": None if part.node is None else _node_json(part.node),
        }

    primary = None if node.primary is None else _node_json(node.primary)
    return {"kind": "Defer", "primary": {"node": primary}, "deferred": [part_json(p) for p in node.deferred]}


def _fetch_json(node: Fetch) -> Json:
    found: Json = {
        "kind": "Fetch",
        "serviceName": node.subgraph,
        "operationKind": node.kind,
        "operationName": node.operation_name,
        "operation": node.document,
        "variableUsages": list(node.variables),
        "id": node.id,
    }
    if node.requires:
        found["requires"] = [_key_json(selection) for selection in node.requires]
    if node.input_rewrites:
        found["inputRewrites"] = [_setter_json(rewrite) for rewrite in node.input_rewrites]
    if node.output_rewrites:
        found["outputRewrites"] = [_renamer_json(rewrite) for rewrite in node.output_rewrites]
    return found


def _setter_json(rewrite: SetValue) -> Json:
    return {"kind": "ValueSetter", "path": list(rewrite.path), "setValueTo": rewrite.value}


def _renamer_json(rewrite: Rename) -> Json:
    return {"kind": "KeyRenamer", "path": list(rewrite.path), "renameKeyTo": rewrite.to}


def _key_json(selection: KeySelection) -> Json:
    inner = [_key_json(item) for item in selection.selections]
    if isinstance(selection, KeyField):
        found: Json = {"kind": "Field", "name": selection.name}
        if selection.alias is not None:
            found["alias"] = selection.alias
        if inner:
            found["selections"] = inner
        return found
    return {"kind": "InlineFragment", "typeCondition": selection.type_condition, "selections": inner}
