"""A service's part of the graph: its Federation 2 schema, with the behaviour that all services share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import strawberry
from graphql import GraphQLError, GraphQLField, GraphQLObjectType
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.federation.schema_directives import RequiresScopes
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionResult

from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.masking import shown
from vereda.scalars import SCALARS
from vereda.screening.net import Texts, cast

#: The newest Federation version that our composition tool takes.
FEDERATION_VERSION: Final = "2.9"
_CACHED_DOCUMENTS: Final = 1000


def one_of(*scopes: Scope) -> list[list[str]]:
    """What `@requiresScopes` says of that which any one of these opens, as `Caller.require` asks for it."""
    return [[scope.value] for scope in scopes]


def subgraph(
    query: type,
    mutation: type | None = None,
    types: Iterable[type] = (),
    texts: Texts | None = None,
) -> strawberry.federation.Schema:
    """The schema of one subgraph. `texts`: which strings of mutations are no free text, or are screened elsewhere."""
    return _Schema(
        texts=texts,
        query=query,
        mutation=mutation,
        types=types,
        federation_version=FEDERATION_VERSION,
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[
            Answer,
            lambda: ParserCache(maxsize=_CACHED_DOCUMENTS),
            lambda: ValidationCache(maxsize=_CACHED_DOCUMENTS),
        ],
    )


class _Schema(strawberry.federation.Schema):
    """Masks every error once, wherever it arose: parsing, validation and extensions included. What needs scopes says so to
    clients as well, who see no directives."""

    def __init__(self, texts: Texts | None = None, **options: Any) -> None:
        super().__init__(**options)
        if texts is not None and self._schema.mutation_type is not None:
            for field in self._schema.mutation_type.fields.values():
                cast(field, texts)
        for type_ in self._schema.type_map.values():
            if isinstance(type_, GraphQLObjectType):
                for part in (type_, *type_.fields.values()):
                    if scopes := _scopes_of(part):
                        part.description = " ".join(filter(None, (part.description, _told(scopes))))

    async def execute(self, *args: Any, **options: Any) -> ExecutionResult:
        result = await super().execute(*args, **options)
        context = options.get("context_value")
        if isinstance(context, RequestContext):
            try:
                await context.enter_shown()
            except Exception as error:  # nobody reads without a trace: what cannot be entered is not answered
                return ExecutionResult(data=None, errors=[shown(_unentered(error))])
        if result.errors:
            result.errors = [shown(error) for error in result.errors]
        return result

    def process_errors(self, *_args: Any, **_options: Any) -> None:
        """Logs nothing: the library's own would write what clients sent into the log (R34); `shown` logs instead."""


def _unentered(error: Exception) -> GraphQLError:
    return GraphQLError("The audit could not be written.", original_error=error)


class Answer(SchemaExtension):
    """Says in `extensions.redactions` which fields were withheld and why (R12), in `extensions.disclosures` under which
    consents the others were shown, and what those allow (R11)."""

    def get_results(self) -> dict[str, Any]:
        context = self.execution_context.context
        if not isinstance(context, RequestContext):
            return {}
        redactions = [
            {"path": list(r.path), "dataClass": r.data_class, "reason": r.reason} for r in context.redactions
        ]
        disclosures = [
            {"consent": consent, "scope": one.scope, "paths": sorted(map(list, one.paths), key=_as_text)}
            for consent, one in context.disclosures.items()
        ]
        return {
            name: said for name, said in (("redactions", redactions), ("disclosures", disclosures)) if said
        }


def _as_text(path: Sequence[str | int]) -> list[str]:
    return [str(step) for step in path]


def _scopes_of(part: GraphQLObjectType | GraphQLField) -> list[list[str]]:
    """The alternatives of `@requiresScopes` on a type or field of strawberry's."""
    definition = part.extensions.get("strawberry-definition")
    directives = getattr(definition, "directives", None) or ()
    found = (directive.scopes for directive in directives if isinstance(directive, RequiresScopes))
    return [[str(scope) for scope in together] for together in next(found, ())]


def _told(alternatives: list[list[str]]) -> str:
    """ "Needs the scope `a` or `b`." """
    return f"Needs the scope {' or '.join(' with '.join(f'`{one}`' for one in s) for s in alternatives)}."
