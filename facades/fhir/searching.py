"""Searching Tasks: the guide's polling, both ways (R4 §3.1.1; SDOH Clinical Care, checking task status).

A search reads the caller's inbox and outbox, each a page at a time; the `next` link carries where both stand. With
`_lastUpdated` the oldest change comes first, so that a system that asks again from the last one on misses nothing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request

from facades.fhir import documents, resources
from facades.fhir.outcomes import checked, refused
from facades.fhir.reading import is_id
from facades.fhir.seeing import Node, Resource, Seen
from facades.fhir.states import STATES_OF
from vereda.facade import Ask

DEFAULT_COUNT: Final = 20
MOST_COUNT: Final = 50
_SINCE: Final = re.compile(
    r"(ge|gt)?(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?"
)
_BOXES: Final = ("inbox", "outbox")
#: `_include` values, by the variable of our document that each sets.
INCLUDES: Final[Mapping[str, str]] = {
    "Task:focus": "focus",
    "Task:patient": "patient",
    "Task:subject": "patient",
    "Task:requester": "requester",
    "Task:owner": "owner",
    "ServiceRequest:supporting-info": "consents",
}
_PARAMETERS: Final = frozenset(
    {"_lastUpdated", "status", "owner", "requester", "_id", "_include", "_count", "_format", "_page", "_sort"}
)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `after`: where each box that is not read to its end yet stands, None at its beginning."""

    filter: Mapping[str, Any]
    organizations: Mapping[str, str]
    includes: Mapping[str, bool]
    count: int
    after: Mapping[str, str | None]
    id: str | None = None


def parse(given: QueryParams) -> Search:
    """Raises: RefusedError 400 naming the parameter that is not taken."""
    for name in given:
        if name not in _PARAMETERS:
            raise refused(400, f"Task is not searched by {name}.", kind="not-supported")
    if given.get("_sort", "_lastUpdated") != "_lastUpdated":
        raise refused(400, "_sort takes _lastUpdated alone.", kind="not-supported")
    filter_: dict[str, Any] = {}
    if since := given.get("_lastUpdated"):
        filter_["changedSince"] = _since(since)
    if statuses := given.get("status"):
        filter_["states"] = _states(statuses)
    count = given.get("_count", str(DEFAULT_COUNT))
    if not (count.isdecimal() and len(count) < 6 and int(count) > 0):
        raise refused(400, "_count must be a number above 0.", kind="value")
    id_ = given.get("_id")
    if id_ is not None and not is_id(id_):
        id_ = ""
    return Search(
        filter_,
        {name: _organization(given[name]) for name in ("owner", "requester") if name in given},
        {
            variable: any(INCLUDES[one] == variable for one in _includes(given))
            for variable in INCLUDES.values()
        },
        min(int(count), MOST_COUNT),
        _after(given.get("_page")),
        id_,
    )


def _since(text: str) -> str:
    """`ge` and `gt` are one: what changed at that very moment is told once more rather than never."""
    found = _SINCE.fullmatch(text.replace(" ", "+"))
    if found is None or found[1] is None:
        raise refused(
            400, "_lastUpdated takes ge or gt with a date, or an instant with its zone.", kind="value"
        )
    return f"{found[2]}{found[3] or 'T00:00:00Z'}"


def _states(text: str) -> list[str]:
    wanted = [one.rpartition("|")[2] for one in text.split(",")]
    unknown = [one for one in wanted if one not in STATES_OF]
    if unknown:
        raise refused(400, f"status takes {', '.join(sorted(STATES_OF))}.", kind="value")
    return sorted({state for one in wanted for state in STATES_OF[one]})


def _includes(given: QueryParams) -> list[str]:
    wanted = given.getlist("_include")
    if not set(wanted) <= INCLUDES.keys():
        raise refused(400, f"_include takes {', '.join(INCLUDES)}.", kind="not-supported")
    return wanted


def _organization(text: str) -> str:
    id_ = text.removeprefix("Organization/")
    if not is_id(id_):
        raise refused(400, "owner and requester take Organization/<id>.", kind="value")
    return id_


def _after(page: str | None) -> Mapping[str, str | None]:
    if page is None:
        return dict.fromkeys(_BOXES)
    try:
        read = orjson.loads(base64.urlsafe_b64decode(page.encode()))
        if not isinstance(read, dict) or not read.keys() <= set(_BOXES):
            raise ValueError
        return {box: str(cursor) for box, cursor in read.items() if cursor is not None} | {
            box: None for box, cursor in read.items() if cursor is None
        }
    except ValueError:
        raise refused(400, "_page is not one that we gave out.", kind="value") from None


def _page(after: Mapping[str, str | None]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(after)).decode()


async def search(ask: Ask, request: Request, base: str) -> Resource:
    """A `searchset` Bundle. Raises: RefusedError."""
    wanted = parse(request.query_params)
    if wanted.id is not None:
        return await _by_id(ask, request, wanted, base)
    boxes = wanted.after.keys()
    variables = {
        "filter": wanted.filter or None,
        "first": max(1, wanted.count // max(1, len(boxes))),
        "received": "inbox" in boxes,
        "sent": "outbox" in boxes,
        "afterReceived": wanted.after.get("inbox"),
        "afterSent": wanted.after.get("outbox"),
        **wanted.includes,
    }
    answer = await ask(documents.TASKS, variables, request)
    # Who may only send, or only receive, has that box alone; who may neither is told so.
    data = checked(answer, closed=_BOXES)
    if not any(data.get(box) for box in boxes):
        checked(answer)
    seen = Seen.of(answer.extensions)
    entries: dict[str, Resource] = {}
    following: dict[str, str | None] = {}
    for box in boxes:
        connection = data.get(box)
        if connection is None:
            continue
        for at, node in enumerate(connection["nodes"]):
            if _wanted(node, wanted):
                _enter(entries, node, seen.at(box, "nodes", at), wanted, base)
        if connection["pageInfo"]["hasNextPage"]:
            following[box] = connection["pageInfo"]["endCursor"]
    return _bundle(entries.values(), request, base, following)


async def _by_id(ask: Ask, request: Request, wanted: Search, base: str) -> Resource:
    entries: dict[str, Resource] = {}
    if wanted.id:
        answer = await ask(documents.REFERRAL, {"id": wanted.id, **wanted.includes}, request)
        node = checked(answer)["referral"]
        if node is not None and _wanted(node, wanted):
            _enter(entries, node, Seen.of(answer.extensions).at("referral"), wanted, base)
    return _bundle(entries.values(), request, base, {})


def _wanted(node: Node, wanted: Search) -> bool:
    """Whether it is of the organisations that were named, as far as the caller sees whose it is: a recipient that is hidden
    from somebody is found by nobody (R13, R16)."""
    sides = {"requester": node["sender"], "owner": node["recipient"]}
    return all(
        sides[name] is not None and sides[name]["id"] == id_ for name, id_ in wanted.organizations.items()
    )


def _enter(entries: dict[str, Resource], node: Node, seen: Seen, wanted: Search, base: str) -> None:
    """The Task, and what was asked for with it; each once in a Bundle."""
    included: list[Resource] = []
    if wanted.includes["focus"]:
        included.append(resources.service_request(node, seen))
    if wanted.includes["patient"] and node["client"]:
        included.append(resources.patient(node["client"], seen.at("client")))
    if wanted.includes["consents"] and node["consent"]:
        client = node["client"] and node["client"]["handle"]
        included.append(resources.consent(node["consent"], seen.at("consent"), client))
    for variable, side in (("requester", "sender"), ("owner", "recipient")):
        if wanted.includes[variable] and node[side]:
            included.append(resources.organization(node[side], seen.at(side)))
    for resource, mode in ((resources.task(node, seen), "match"), *((one, "include") for one in included)):
        url = f"{base}/{resource['resourceType']}/{resource['id']}"
        entries.setdefault(url, {"fullUrl": url, "resource": resource, "search": {"mode": mode}})


def _bundle(
    entries: Iterable[Resource], request: Request, base: str, following: Mapping[str, str | None]
) -> Resource:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "_page"]
    links = [{"relation": "self", "url": f"{base}/Task?{urlencode(request.query_params.multi_items())}"}]
    if following:
        more = urlencode([*asked, ("_page", _page(following))])
        links.append({"relation": "next", "url": f"{base}/Task?{more}"})
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if listed := list(entries):
        bundle["entry"] = listed
    return bundle
