"""Where data can come from: positions in the answer, views of them by type, and places in subgraphs.

A *position* is one composite field of the answer. A *view* is the position seen as one type (its own, or a
narrower one named by a fragment). A *place* is one way to stand at a view inside one subgraph.
"""

from __future__ import annotations

from enum import Enum, auto

from gateway.planner.operation import Conditions, FieldSelection
from gateway.planner.plan import PathStep
from gateway.supergraph.fieldsets import FieldSet
from gateway.supergraph.model import Subgraph, SubgraphField, SubgraphType


class Via(Enum):
    """How a place is come to."""

    ROOT = auto()
    FIELD = auto()
    NARROW = auto()
    HOP = auto()


class Place:
    """One subgraph's type at a view. `depth` counts sequential requests.

    FIELD and NARROW have a `parent`; HOP has the `key` (and `requires`) that the entity is asked with.
    `provided` is what the field that led here `@provides`.
    """

    __slots__ = (
        "depth",
        "field",
        "key",
        "parent",
        "provided",
        "requires",
        "subgraph",
        "type",
        "via",
        "view",
    )

    def __init__(
        self,
        via: Via,
        subgraph: Subgraph,
        type_: SubgraphType,
        depth: int,
        *,
        parent: Place | None = None,
        field: SubgraphField | None = None,
        provided: FieldSet = (),
        key: FieldSet = (),
        requires: FieldSet = (),
    ) -> None:
        self.via = via
        self.subgraph = subgraph
        self.type = type_
        self.depth = depth
        self.parent = parent
        self.field = field
        self.provided = provided
        self.key = key
        self.requires = requires
        self.view: View


class View:
    """A position seen as `type_name`; `runtime` are the object types that its objects can have then."""

    __slots__ = ("candidates", "children", "closed", "path", "places", "position", "runtime", "type_name")

    def __init__(
        self,
        position: Position,
        type_name: str,
        runtime: tuple[str, ...],
        path: tuple[PathStep, ...],
        sources: list[Place],
    ) -> None:
        self.position = position
        self.type_name = type_name
        self.runtime = runtime
        self.path = path
        self.places = sources
        self.closed = False
        self.children: dict[FieldSelection, Position] = {}
        self.candidates: dict[str, list[Place]] = {}
        for place in sources:
            place.view = self


class Position:
    """A composite field of the answer; the roots are positions too.

    `keys`: the response keys that lead here, without list steps, by which aliases are kept apart. `under`: the view that
    the field is asked on; None for a root.
    """

    __slots__ = (
        "conditions",
        "in_list",
        "keys",
        "level",
        "path",
        "selection",
        "sources",
        "type_name",
        "under",
        "views",
    )

    def __init__(
        self,
        type_name: str,
        path: tuple[PathStep, ...],
        keys: tuple[str, ...],
        conditions: Conditions,
        selection: FieldSelection | None,
        sources: list[Place],
        *,
        in_list: bool = False,
        level: int = 0,
        under: View | None = None,
    ) -> None:
        self.under = under
        self.type_name = type_name
        self.path = path
        self.keys = keys
        self.conditions = conditions
        self.selection = selection
        self.sources = sources
        self.in_list = in_list
        #: How deep below the operation's own selections: keys of keys are looked for only so far.
        self.level = level
        self.views: dict[str, View] = {}
