"""Which of a document's variables decide `@skip` and `@include`."""

from __future__ import annotations

from graphql import DirectiveNode, DocumentNode, VariableNode, Visitor, visit


def condition_variables(document: DocumentNode) -> tuple[str, ...]:
    """Names of the Boolean variables in `@skip(if:)` and `@include(if:)`, sorted."""
    found = _Found()
    visit(document, found)
    return tuple(sorted(found.names))


class _Found(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in ("skip", "include"):
            self.names.update(
                argument.value.name.value
                for argument in node.arguments or ()
                if isinstance(argument.value, VariableNode)
            )
