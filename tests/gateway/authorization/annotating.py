"""Draws who may see what: directives at some coordinates of a drawn supergraph, sometimes under other names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, TypeAlias

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

from gateway.identity import Identity
from tests.gateway.oracle.graphs import named
from tests.gateway.planner.dice import Dice

SCOPES: Final = ("read", "staff", "admin")
POLICIES: Final = ("night", "owner")

#: Kinds of types, and how often one of each is protected, of a hundred.
_TYPES: Final[Mapping[type[Node], int]] = {
    ObjectTypeDefinitionNode: 15,
    InterfaceTypeDefinitionNode: 10,
    UnionTypeDefinitionNode: 5,
    EnumTypeDefinitionNode: 15,
    InputObjectTypeDefinitionNode: 10,
}
_FIELD_OF: Final[Mapping[type[Node], int]] = {ObjectTypeDefinitionNode: 12, InterfaceTypeDefinitionNode: 12}
_ROOTS: Final = ("Query", "Mutation")
_SPECS: Final = ("authenticated", "requiresScopes", "policy")


Alternatives: TypeAlias = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Said:
    """What the directives at one coordinate ask for. Lists are alternatives of sets; None asks for nothing."""

    authenticated: bool = False
    scopes: Alternatives | None = None
    policies: Alternatives | None = None


def everyone() -> Iterator[Identity]:
    """Every caller that there can be."""
    for authenticated in (False, True):
        for scopes in _subsets(SCOPES):
            for policies in _subsets(POLICIES):
                yield Identity(
                    f"{authenticated}/{'+'.join(scopes)}/{'+'.join(policies)}",
                    scopes=frozenset(scopes),
                    authenticated=authenticated,
                    policies=frozenset(policies),
                )


def draw_caller(dice: Dice) -> Identity:
    """Callers who lack nothing, or nearly everything, are as likely as all others together."""
    callers = list(everyone())
    return dice.pick((callers[-1], callers[0], callers[32], dice.pick(callers), dice.pick(callers)))


def annotate(dice: Dice, sdl: str) -> tuple[str, dict[str, Said]]:
    """The supergraph with directives, and what they say, by coordinate."""
    document = _without_more_promises(parse(sdl, no_location=True))
    said = _draw(dice, document)
    if dice.chance(40):
        said |= _derived(document, said)
    names = {spec: f"my{spec}" if dice.chance(25) else spec for spec in _SPECS}
    definitions = [_annotated(node, said, names) for node in document.definitions]
    return print_ast(DocumentNode(definitions=tuple(definitions))), said


def _draw(dice: Dice, document: DocumentNode) -> dict[str, Said]:
    said: dict[str, Said] = {}
    for node in document.definitions:
        if type(node) not in _TYPES or _name(node).startswith("join__"):
            continue
        name = _name(node)
        chances = {name: 2 if name in _ROOTS else _TYPES[type(node)]}
        if type(node) in _FIELD_OF:
            chances |= {f"{name}.{_name(field)}": _FIELD_OF[type(node)] for field in _fields(node)}
        said |= {coordinate: _drawn(dice) for coordinate, chance in chances.items() if dice.chance(chance)}
    return said


def _derived(document: DocumentNode, said: Mapping[str, Said]) -> dict[str, Said]:
    """What present-day composition writes on interfaces where nobody says anything: all that their types ask for."""
    found: dict[str, Said] = {}
    objects = [node for node in document.definitions if isinstance(node, ObjectTypeDefinitionNode)]
    for node in document.definitions:
        if isinstance(node, InterfaceTypeDefinitionNode):
            name = _name(node)
            members = [_name(one) for one in objects if name in map(_name, one.interfaces or ())]
            for field in ("", *(f".{_name(field)}" for field in _fields(node))):
                parts = [said[f"{member}{field}"] for member in members if f"{member}{field}" in said]
                if parts and f"{name}{field}" not in said:
                    found[f"{name}{field}"] = reduce(_both, parts)
    return found


def _both(one: Said, other: Said) -> Said:
    def product(some: Alternatives | None, others: Alternatives | None) -> Alternatives | None:
        if some is None or others is None:
            return some if others is None else others
        return tuple(tuple(sorted({*wanted, *more})) for wanted in some for more in others)

    return Said(
        one.authenticated or other.authenticated,
        product(one.scopes, other.scopes),
        product(one.policies, other.policies),
    )


def _without_more_promises(document: DocumentNode) -> DocumentNode:
    """With objects that may be null on each type where they may be on its interface.

    Where an object comes from a service that knows only the interface, and nothing else hangs on its type, that is not
    asked for, and a null goes as far as the interface lets it.
    """
    interfaces = {
        node.name.value: {field.name.value: field.type for field in node.fields or ()}
        for node in document.definitions
        if isinstance(node, InterfaceTypeDefinitionNode)
    }

    composite = {
        node.name.value
        for node in document.definitions
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode)
    }

    def relaxed(node: Any) -> Any:
        if not isinstance(node, ObjectTypeDefinitionNode):
            return node
        said = [interfaces[item.name.value] for item in node.interfaces or ()]
        fields = []
        for field in node.fields or ():
            types = [known[field.name.value] for known in said if field.name.value in known]
            written = {print_ast(type_) for type_ in types}
            agreed = len(written) == 1 and named(written.pop()) in composite
            fields.append(_with(field, (), **({"type": types[0]} if agreed else {})))
        return _with(node, (), fields=tuple(fields))

    return DocumentNode(definitions=tuple(relaxed(node) for node in document.definitions))


def _annotated(node: Any, said: Mapping[str, Said], names: Mapping[str, str]) -> Any:
    if isinstance(node, SchemaDefinitionNode):
        return _with(node, _directives(" ".join(_link(spec, name) for spec, name in names.items())))
    if type(node) not in _TYPES:
        return node
    name = _name(node)
    fields = tuple(
        _with(field, _applied(said.get(f"{name}.{_name(field)}"), names)) for field in _fields(node)
    )
    return _with(node, _applied(said.get(name), names), **({"fields": fields} if fields else {}))


def _applied(said: Said | None, names: Mapping[str, str]) -> tuple[ConstDirectiveNode, ...]:
    return () if said is None else _directives(" ".join(_written(said, names)))


def _name(node: Any) -> str:
    name: str = node.name.value
    return name


def _fields(node: Any) -> tuple[Any, ...]:
    return tuple(getattr(node, "fields", None) or ())


def _drawn(dice: Dice) -> Said:
    kind = dice.pick((*_SPECS, "all"))
    return Said(
        kind in ("authenticated", "all"),
        _alternatives(dice, SCOPES) if kind in ("requiresScopes", "all") else None,
        _alternatives(dice, POLICIES) if kind in ("policy", "all") else None,
    )


def _alternatives(dice: Dice, tokens: tuple[str, ...]) -> Alternatives:
    return tuple(tuple(dice.some(tokens, 1, 2)) for _ in range(dice.number(1, 2)))


def _written(said: Said, names: Mapping[str, str]) -> Iterator[str]:
    if said.authenticated:
        yield f"@{names['authenticated']}"
    if said.scopes is not None:
        yield f"@{names['requiresScopes']}(scopes: {_list(said.scopes)})"
    if said.policies is not None:
        yield f"@{names['policy']}(policies: {_list(said.policies)})"


def _list(alternatives: Alternatives) -> str:
    return str([list(wanted) for wanted in alternatives]).replace("'", '"')


def _link(spec: str, name: str) -> str:
    renamed = "" if name == spec else f', import: [{{name: "@{spec}", as: "@{name}"}}]'
    return f'@link(url: "https://specs.apollo.dev/{spec}/v0.1"{renamed}, for: SECURITY)'


def _directives(text: str) -> tuple[ConstDirectiveNode, ...]:
    (node,) = parse(f"scalar X {text}", no_location=True).definitions
    return tuple(getattr(node, "directives", ()) or ())


def _with(node: Any, directives: tuple[ConstDirectiveNode, ...], **parts: Any) -> Any:
    """The node with more directives, and some parts replaced."""
    kept = {key: getattr(node, key) for key in node.keys if key != "loc"}
    return type(node)(**{**kept, **parts, "directives": (*(node.directives or ()), *directives)})


def _subsets(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return itertools.chain.from_iterable(
        itertools.combinations(tokens, size) for size in range(len(tokens) + 1)
    )
