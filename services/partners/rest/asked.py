"""What a request asks for, by the parameters of the published OpenAPI description of HSDS 3.0."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.datastructures import QueryParams

from services.partners.domain.geography import PostalCode, postal_code
from services.partners.exchange import cells
from services.partners.exchange.cells import UnreadableError
from vereda.errors import ClientError, ErrorCode

DEFAULT_PAGE: Final = 20
#: Objects of one page: each with all that hangs on it, or with its own fields alone, or no more than its id.
MOST_FULL: Final = 100
MOST_PLAIN: Final = 1_000
MOST_MINIMAL: Final = 10_000
_LAST_PAGE: Final = 100_000
_FARTHEST_M: Final = 1_000_000.0
_LONGEST_SEARCH: Final = 200
_YES_AND_NO: Final = {"true": True, "1": True, "false": False, "0": False, "": False}

PAGING: Final = frozenset({"page", "per_page", "format"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A list that is asked for. `proximity_m` is in metres from the centre of `postcode`; `scheme` is that of
    `taxonomy_id`, and `found` are the services that the words of `search` stand for, once these are known."""

    page: int = 1
    per_page: int = DEFAULT_PAGE
    lines: bool = False
    search: str | None = None
    taxonomy_term_id: UUID | None = None
    taxonomy_id: UUID | None = None
    organization_id: UUID | None = None
    parent_id: UUID | None = None
    modified_after: datetime | None = None
    postcode: PostalCode | None = None
    proximity_m: float | None = None
    top_only: bool = False
    minimal: bool = False
    full: bool = False
    full_service: bool = False
    scheme: str | None = None
    found: tuple[UUID, ...] | None = None

    @classmethod
    def read(cls, query: QueryParams, known: Collection[str]) -> Asked:
        """Raises: ClientError BAD_USER_INPUT naming what cannot be taken: a filter that was overlooked would be taken for
        one that was heeded."""
        allowed = {*PAGING, *known}
        if len(query.multi_items()) > len(query) or not query.keys() <= allowed:
            raise _refused(f"The parameters of this list are, once each: {', '.join(sorted(allowed))}.")
        given: dict[str, Any] = {name: _READERS[name](name, query[name]) for name in query}
        found = cls(**{_FIELDS.get(name, name): value for name, value in given.items()})
        if found.proximity_m is not None and found.postcode is None:
            raise _refused("`proximity` is counted from a `postcode`: give both.")
        if found.minimal and (found.full or found.full_service):
            raise _refused("Ask for `minimal` or for `full`.")
        if "per_page" not in query and (found.lines or found.minimal):
            found = replace(found, per_page=found.most)  # as much as there is, if it can be
        if found.per_page > found.most:
            raise _refused(f"`per_page` is at most {found.most} here.")
        return found

    @property
    def most(self) -> int:
        if self.full or self.full_service:
            return MOST_FULL
        return MOST_MINIMAL if self.minimal else MOST_PLAIN


def _refused(message: str) -> ClientError:
    return ClientError(ErrorCode.BAD_USER_INPUT, message)


def _whole(highest: int) -> Any:
    def read(name: str, raw: str) -> int:
        try:
            return cells.whole(1, highest)(raw).value
        except UnreadableError as error:
            raise _refused(f"`{name}` {error}.") from None

    return read


def _format(name: str, raw: str) -> bool:
    if raw not in ("json", "ndjson"):
        raise _refused(f"`{name}` is json or ndjson.")
    return raw == "ndjson"


def _text(name: str, raw: str) -> str | None:
    if len(raw) > _LONGEST_SEARCH or "\x00" in raw:
        raise _refused(f"`{name}` has at most {_LONGEST_SEARCH} characters.")
    return raw.strip() or None


def _id(name: str, raw: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError:
        raise _refused(f"`{name}` is not an id of this directory.") from None


def _flag(name: str, raw: str) -> bool:
    if raw.lower() not in _YES_AND_NO:
        raise _refused(f"`{name}` is true or false.")
    return _YES_AND_NO[raw.lower()]


def _moment(name: str, raw: str) -> datetime:
    try:
        return cells.moment(raw.replace(" ", "+")).value
    except UnreadableError:
        raise _refused(f"`{name}` is not a moment: write it as 2026-01-31T08:00:00Z.") from None


def _postcode(name: str, raw: str) -> PostalCode:
    found = postal_code(raw.strip()[:5])
    if found is None:
        raise _refused(f"`{name}` is not a US ZIP code: give its five digits.")
    return found


def _metres(name: str, raw: str) -> float:
    try:
        found = float(raw)
    except ValueError:
        found = 0.0
    if not 0 < found <= _FARTHEST_M:
        raise _refused(f"`{name}` is a number of metres, more than 0 and at most 1000000.")
    return found


_READERS: Final[Mapping[str, Any]] = {
    "page": _whole(_LAST_PAGE),
    "per_page": _whole(MOST_MINIMAL),
    "format": _format,
    "search": _text,
    "taxonomy_term_id": _id,
    "taxonomy_id": _id,
    "organization_id": _id,
    "parent_id": _id,
    "modified_after": _moment,
    "postcode": _postcode,
    "proximity": _metres,
    "top_only": _flag,
    "minimal": _flag,
    "full": _flag,
    "full_service": _flag,
}
_FIELDS: Final = {"format": "lines", "proximity": "proximity_m"}
