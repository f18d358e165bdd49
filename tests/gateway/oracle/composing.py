"""Prints a graph: each subgraph's SDL, and the supergraph that composition would make of them ("join spec v0.5").

This is no composition: it checks nothing, since the generator knows that what it drew fits together. Held once
against `@theguild/federation-composition` 0.27 on some thousands of drawn graphs: it accepted them, and from its
supergraph `gateway.supergraph.load` reads what it reads from the one printed here. Different were only: ways back to the
query type, and fields under an `@override` label inside `@requires`, which it takes for unsatisfiable; `external` and
`provides`, which it leaves out where each subgraph has the field of a root or of an `@interfaceObject`; and a field that is
an object type here and an abstract one there, which it gives the first type that it meets and not the wider one.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.gateway.oracle.graphs import ROOTS, Field, Graph, Type

ENUMS = {"Grade": ("LOW", "MIDDLE", "HIGH"), "Phase": ("OPEN", "SHUT")}
INPUTS = {"By": "size: Int, grade: Grade, also: [By!]"}

_HEAD = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY) {
  query: Query%s
}
"""
_IMPORTS = (
    "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@interfaceObject", "@inaccessible",
)  # fmt: skip
_SUBGRAPH_HEAD = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [%s])'


def supergraph_sdl(graph: Graph) -> str:
    """The graph as one supergraph; what defines the join directives themselves is left out, for nobody reads it."""
    parts = [_HEAD % ("\n  mutation: Mutation" if "Mutation" in graph.type_names() else "")]
    graphs = [
        f'{_id(name)} @join__graph(name: "{name}", url: "http://{name}.test/graphql")'
        for name in graph.subgraphs
    ]
    parts.append(f"enum join__Graph {{\n  {' '.join(graphs)}\n}}")
    parts += [_supergraph_type(graph, name) for name in graph.type_names()]
    parts += _supergraph_inputs(graph)
    return "\n".join(parts)


def subgraph_sdl(graph: Graph, subgraph: str) -> str:
    """What one subgraph would publish."""
    parts = [_SUBGRAPH_HEAD % ", ".join(f'"{name}"' for name in _IMPORTS)]
    parts += [_subgraph_type(graph, type_) for type_ in graph.subgraphs[subgraph].values()]
    enums, inputs = _used_inputs(graph, subgraph)
    parts += [f"enum {name} {{ {' '.join(ENUMS[name])} }}" for name in enums]
    parts += [f"input {name} {{ {INPUTS[name]} }}" for name in inputs]
    return "\n".join(parts)


def merged_type(types: list[str]) -> str:
    """What composition makes of one field's types in several subgraphs: nullable where any of them is."""
    if all(text.endswith("!") for text in types):
        return merged_type([text[:-1] for text in types]) + "!"
    bare = [text.removesuffix("!") for text in types]
    if bare[0].startswith("["):
        return f"[{merged_type([text[1:-1] for text in bare])}]"
    return bare[0]


def _id(subgraph: str) -> str:
    return subgraph.upper()


def _supergraph_type(graph: Graph, name: str) -> str:
    declared = dict(graph.declaring(name))
    first = next(iter(declared.values()))
    kind = "interface" if any(type_.kind == "interface" for type_ in declared.values()) else first.kind
    directives = [text for subgraph, type_ in declared.items() for text in _join_type(subgraph, type_)]
    if name == "Query":
        # Every subgraph has a query type, if only for `_entities`.
        directives = [f"@join__type(graph: {_id(subgraph)})" for subgraph in graph.subgraphs]
    if kind == "union":
        members = {member: None for subgraph in declared for member in graph.members(subgraph, name)}
        directives += [
            f'@join__unionMember(graph: {_id(subgraph)}, member: "{member}")'
            for subgraph, type_ in declared.items()
            for member in type_.members
        ]
        return f"union {name} {' '.join(directives)} = {' | '.join(members)}"
    interfaces = {interface: None for type_ in declared.values() for interface in type_.implements}
    directives += [
        f'@join__implements(graph: {_id(subgraph)}, interface: "{interface}")'
        for subgraph, type_ in declared.items()
        for interface in type_.implements
    ]
    implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
    lines = [f"  {line}" for line in _supergraph_fields(graph, name, declared, list(interfaces))]
    word = "interface" if kind == "interface" else "type"
    return "\n".join([f"{word} {name}{implements} {' '.join(directives)} {{", *lines, "}"])


def _join_type(subgraph: str, type_: Type) -> list[str]:
    tail = ", isInterfaceObject: true" if type_.is_interface_object else ""
    if not type_.keys:
        return [f"@join__type(graph: {_id(subgraph)}{tail})"]
    return [
        f'@join__type(graph: {_id(subgraph)}, key: "{key}"{"" if resolvable else ", resolvable: false"}{tail})'
        for key, resolvable in type_.keys.items()
    ]


def _supergraph_fields(
    graph: Graph, name: str, declared: dict[str, Type], interfaces: list[str]
) -> Iterator[str]:
    everywhere = list(graph.subgraphs) if name == "Query" else list(declared)
    field_names = {field_name: None for type_ in declared.values() for field_name in type_.fields}
    for field_name in field_names:
        said = {s: type_.fields[field_name] for s, type_ in declared.items() if field_name in type_.fields}
        widest = next((field.named for field in said.values() if _is_abstract(graph, field)), "")
        type_text = merged_type(
            [field.type.replace(field.named, widest or field.named) for field in said.values()]
        )
        first = next(iter(said.values()))
        joins = _joins(graph, name, field_name, said, type_text)
        if list(said) == everywhere and all(text == f"@join__field(graph: {_id(s)})" for s, text in joins):
            joins = []
        text = _declaration(first, type_text)
        hidden = ["@inaccessible"] if f"{name}.{field_name}" in graph.hidden else []
        yield " ".join([text, *(text for _, text in joins), *hidden])
    for interface in interfaces:
        for _, type_ in graph.declaring(interface):
            for field in type_.fields.values() if type_.is_interface_object else ():
                if field.name not in field_names and not field.external:
                    field_names[field.name] = None
                    yield f"{_declaration(field, field.type)} @join__field"


def _is_abstract(graph: Graph, field: Field) -> bool:
    return any(type_.kind != "object" for _, type_ in graph.declaring(field.named))


def _joins(
    graph: Graph, type_name: str, field_name: str, said: dict[str, Field], type_text: str
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for subgraph, field in said.items():
        parts = [f"graph: {_id(subgraph)}"]
        if field.lost:
            if not _is_interface_field(graph, subgraph, type_name, field_name):
                continue
            parts.append("usedOverridden: true")
        if field.external:
            parts.append("external: true")
        if field.requires:
            parts.append(f'requires: "{field.requires}"')
        if field.provides:
            parts.append(f'provides: "{field.provides}"')
        if field.takes_from:
            parts.append(f'override: "{field.takes_from}"')
        if field.label:
            parts.append(f'overrideLabel: "{field.label}"')
        if any(other.type != type_text for other in said.values()):
            parts.append(f'type: "{field.type}"')
        found.append((subgraph, f"@join__field({', '.join(parts)})"))
    return found


def _is_interface_field(graph: Graph, subgraph: str, type_name: str, field_name: str) -> bool:
    types = graph.subgraphs[subgraph]
    return any(field_name in types[interface].fields for interface in types[type_name].implements)


def _declaration(field: Field, type_text: str) -> str:
    arguments = f"({field.arguments})" if field.arguments else ""
    return f"{field.name}{arguments}: {type_text}"


def _subgraph_type(graph: Graph, type_: Type) -> str:
    if type_.kind == "union":
        return f"union {type_.name} = {' | '.join(type_.members)}"
    head = [f'@key(fields: "{key}"{"" if ok else ", resolvable: false"})' for key, ok in type_.keys.items()]
    head += ["@interfaceObject"] if type_.is_interface_object else []
    implements = f" implements {' & '.join(type_.implements)}" if type_.implements else ""
    word = "interface" if type_.kind == "interface" else "type"
    lines = [f"  {_subgraph_field(graph, type_, field)}" for field in type_.fields.values()]
    return "\n".join([f"{word} {type_.name}{implements} {' '.join(head)} {{", *lines, "}"])


def _subgraph_field(graph: Graph, type_: Type, field: Field) -> str:
    parts = [_declaration(field, field.type)]
    if field.external:
        parts.append("@external")
    if field.requires:
        parts.append(f'@requires(fields: "{field.requires}")')
    if field.provides:
        parts.append(f'@provides(fields: "{field.provides}")')
    if field.takes_from:
        label = f', label: "{field.label}"' if field.label else ""
        parts.append(f'@override(from: "{field.takes_from}"{label})')
    answering = [said for said in graph.declared(type_.name, field.name) if said.is_answered]
    takes_turns = field.label and all(said.label for said in answering)
    if type_.kind == "object" and len(answering) > 1 and not field.external and not takes_turns:
        parts.append("@shareable")
    if f"{type_.name}.{field.name}" in graph.hidden:
        parts.append("@inaccessible")
    return " ".join(parts)


def _supergraph_inputs(graph: Graph) -> Iterator[str]:
    used = {subgraph: _used_inputs(graph, subgraph) for subgraph in graph.subgraphs}
    for name, values in ENUMS.items():
        here = [subgraph for subgraph in graph.subgraphs if name in used[subgraph][0]]
        if here:
            joins = " ".join(f"@join__enumValue(graph: {_id(subgraph)})" for subgraph in here)
            inside = "\n".join(f"  {value} {joins}" for value in values)
            yield f"enum {name} {_join_types(here)} {{\n{inside}\n}}"
    for name, fields in INPUTS.items():
        here = [subgraph for subgraph in graph.subgraphs if name in used[subgraph][1]]
        if here:
            yield f"input {name} {_join_types(here)} {{ {fields} }}"


def _join_types(subgraphs: list[str]) -> str:
    return " ".join(f"@join__type(graph: {_id(subgraph)})" for subgraph in subgraphs)


def _used_inputs(graph: Graph, subgraph: str) -> tuple[list[str], list[str]]:
    """The enums and input objects that a subgraph's fields name."""
    said = " ".join(
        f"{field.arguments} {field.type}"
        for name in graph.subgraphs[subgraph]
        for field in graph.subgraphs[subgraph][name].fields.values()
    )
    inputs = [name for name in INPUTS if f": {name}" in said]
    said += " ".join(f" {INPUTS[name]}" for name in inputs)
    words = set(said.translate(str.maketrans("[]!:,=", "      ")).split())
    return [name for name in ENUMS if name in words], inputs


__all__ = ["ENUMS", "INPUTS", "ROOTS", "merged_type", "subgraph_sdl", "supergraph_sdl"]
