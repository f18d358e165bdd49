"""What one caller may not ask for in one operation: decided before it is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from graphql import DocumentNode, FieldNode, GraphQLInputType, OperationDefinitionNode, type_from_ast

from gateway.guard.authorization.removing import Remover
from gateway.guard.authorization.rules import Mask, Rules, compile_rules
from gateway.guard.authorization.survey import Given, Survey, survey, value_mask
from gateway.identity import Identity
from gateway.supergraph import Supergraph

#: What a program hangs on besides its operation: the demands not met, and the variables whose values ask for more.
VerdictKey: TypeAlias = tuple[Mask, frozenset[str]]

#: Coordinates that a refusal names.
_MOST_NAMED: Final = 5
_NOTHING_GIVEN: Final = Given()


class Verdict:
    """What is closed to a caller in one operation. It holds nothing of the caller but that: who lacks the same of what the
    operation could run into gets an equal verdict, and may share a program made for it.

    `left`: the document without what is closed; `removed`: coordinates of what it asked for by name, and may not.
    """

    def __init__(
        self, rules: Rules, supergraph: Supergraph, document: DocumentNode, surveyed: Survey, key: VerdictKey
    ) -> None:
        self._rules = rules
        self._given = surveyed.given
        self._lacking, self._variables = self.key = key
        self._known: dict[tuple[str, str], bool] = {}
        remover = Remover(supergraph.api_schema, document, self)
        self.left = remover.document()
        self.removed = tuple(remover.removed)

    def type(self, name: str) -> bool:
        """Whether objects of this type are closed."""
        return bool(self._rules.type(name) & self._lacking)

    def coordinate(self, type_name: str, name: str) -> bool:
        """Whether a field of an object type is closed, whatever its arguments are."""
        known = self._known.get((type_name, name))
        if known is None:
            known = self._known[type_name, name] = self._rules.field(type_name, name).is_closed(self._lacking)
        return known

    def field(self, type_name: str, node: FieldNode) -> bool:
        """Whether a field of an object type is closed as this node asks for it."""
        if self.coordinate(type_name, node.name.value):
            return True
        given = self._given.get(id(node), _NOTHING_GIVEN)
        return bool(given.mask & self._lacking) or not self._variables.isdisjoint(given.variables)


class Wall:
    """The rules of one supergraph, applied to operations over it."""

    def __init__(self, rules: Rules, supergraph: Supergraph) -> None:
        self._rules = rules
        self._supergraph = supergraph

    @classmethod
    def of(cls, supergraph: Supergraph) -> Wall | None:
        """None where the supergraph asks nothing of anybody."""
        rules = compile_rules(supergraph)
        return None if rules is None else cls(rules, supergraph)

    def lacking(self, caller: Identity) -> Mask:
        """What a caller does not bring of all that is asked anywhere; 0 for one who may do everything."""
        return self._rules.lacking(caller)

    def look_at(self, document: DocumentNode) -> Survey:
        """`document`: one operation, valid for the API schema, and the fragments that it spreads."""
        return survey(self._rules, self._supergraph.api_schema, document)

    def decide(
        self,
        document: DocumentNode,
        surveyed: Survey,
        lacking: Mask,
        variables: frozenset[str] = frozenset(),
    ) -> Verdict | None:
        """None where nothing is closed that the operation could run into. `variables`: see `closed_values`."""
        key = (lacking & surveyed.looked_at, variables)
        return Verdict(self._rules, self._supergraph, document, surveyed, key) if key[0] else None

    def closed_values(
        self,
        operation: OperationDefinitionNode,
        surveyed: Survey,
        lacking: Mask,
        values: Mapping[str, Any],
    ) -> frozenset[str]:
        """The variables whose values hold what a caller may not give. `values`: as JSON, defaults included."""
        return frozenset(
            definition.variable.name.value
            for definition in operation.variable_definitions or ()
            if (name := definition.variable.name.value) in surveyed.variables
            and values.get(name) is not None
            and (surveyed.variables[name] | self._value(definition.type, values[name])) & lacking
        )

    def _value(self, type_node: Any, value: Any) -> Mask:
        type_: GraphQLInputType = type_from_ast(self._supergraph.api_schema, type_node)
        return value_mask(self._rules, type_, value)


def refusal(coordinates: Sequence[str]) -> str:
    """What a caller is told whose whole operation is refused for these parts of it."""
    named = ", ".join(coordinates[:_MOST_NAMED])
    more = f" and {len(coordinates) - _MOST_NAMED} more" if len(coordinates) > _MOST_NAMED else ""
    return f"You have no right to {named}{more}: ask without it, or with a token that carries the right."
