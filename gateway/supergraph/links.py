"""Which directive and type names belong to which linked specification ("Federation 2 §link spec", "§core")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

from gateway.supergraph.model import SupergraphError

#: Directives that the reader looks for, and the specification that each comes from when imported by default.
_DEFAULT_SPEC: Final = {
    "inaccessible": "inaccessible",
    "authenticated": "authenticated",
    "requiresScopes": "requiresScopes",
    "policy": "policy",
    "cost": "cost",
    "listSize": "cost",
}
_ALWAYS_OURS: Final = ("link", "core", "join")
#: Features "for: SECURITY" that are enforced here. Of `context`, that what takes from it is not answered at all.
_SECURITY: Final = frozenset({*_DEFAULT_SPEC.values(), "context"})


@dataclass(frozen=True, slots=True)
class Links:
    """`local` maps a specification's directive to its name in this document; `prefixes` are namespaces."""

    local: dict[str, str]
    names: frozenset[str]
    imported_types: frozenset[str]
    prefixes: tuple[str, ...]

    def owns_type(self, name: str) -> bool:
        """Whether a type of this name is machinery, not part of the graph."""
        return name.startswith(self.prefixes) or name in self.imported_types

    def owns_directive(self, name: str) -> bool:
        return name in self.names or name.startswith(self.prefixes)


def directive_arguments(node: DirectiveNode) -> dict[str, Any]:
    """The arguments of an applied directive as Python values."""
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in node.arguments or ()}


def read_links(document: DocumentNode) -> Links:
    """Raises: SupergraphError for a feature that secures the graph and that nobody here knows how to enforce."""
    local: dict[str, str] = {}
    names: set[str] = set(_ALWAYS_OURS)
    types: set[str] = set()
    prefixes: list[str] = [f"{name}__" for name in _ALWAYS_OURS]
    for node in document.definitions:
        if not isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            continue
        for applied in node.directives or ():
            if applied.name.value in ("link", "core"):
                _read_link(directive_arguments(applied), local, names, types, prefixes)
    for directive in _DEFAULT_SPEC:
        local.setdefault(directive, directive)
    return Links(local, frozenset(names), frozenset(types), tuple(prefixes))


def _read_link(
    arguments: dict[str, Any], local: dict[str, str], names: set[str], types: set[str], prefixes: list[str]
) -> None:
    """`@link(url:, as:, import:, for:)`; `@core(feature:, as:)` is its older form."""
    url = str(arguments.get("url") or arguments.get("feature") or "")
    parts = [part for part in url.split("/") if part]
    spec = parts[-2] if len(parts) > 1 and parts[-1].startswith("v") else "".join(parts[-1:])
    if arguments.get("for") == "SECURITY" and spec not in _SECURITY:
        # "link spec §purpose": who does not understand such a feature must not serve the document.
        raise SupergraphError(f"The supergraph is secured by {url!r}, which this gateway does not know.")
    if len(parts) < 2:
        return
    namespace = str(arguments.get("as") or spec)
    if "specs.apollo.dev" not in url and spec not in _DEFAULT_SPEC.values():
        return
    names.add(namespace)
    prefixes.append(f"{namespace}__")
    imported: dict[str, str] = {}
    for item in arguments.get("import") or ():
        original, alias = (
            (item, item) if isinstance(item, str) else (item["name"], item.get("as") or item["name"])
        )
        if original.startswith("@"):
            imported[original[1:]] = alias.removeprefix("@")
        else:
            types.add(alias)
    names.update(imported.values())
    for directive, default_spec in _DEFAULT_SPEC.items():
        if spec == default_spec:
            unimported = namespace if directive == spec else f"{namespace}__{directive}"
            local[directive] = imported.get(directive, unimported)
        elif spec == "federation" and directive in imported:  # as a subgraph says it
            local.setdefault(directive, imported[directive])
