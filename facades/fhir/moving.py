"""A Task is set to another status: the moves of the referral's life that lead there (`codes.WAYS`).

Which moves there are, who may make them and what is against them says the graph; here is only which of them a FHIR
client means. What cannot be done is refused with what can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request

from facades.fhir import codes, documents
from facades.fhir.outcomes import Issue, RefusedError, checked, refused, succeeded
from facades.fhir.reading import absent, is_id, read
from facades.fhir.seeing import Resource
from facades.fhir.states import STATES_OF
from vereda.facade import Ask

#: What of a Task can be patched, at its top (RFC 6901): the rest follows from it, or never changes.
PATCHABLE: Final = ("status", "statusReason", "businessStatus", "output", "identifier")
_MOST_OPERATIONS: Final = 20
#: What a sender does that may not know where its referral stands (R7), and so is told of no moves.
_UNSEEN: Final = {"cancelled": "CANCEL", "entered-in-error": "VOID"}
#: FHIR elements that the inputs of a move come from.
_PLACES: Final = {
    "reason": "Task.statusReason",
    "outcome": "Task.output",
    "fillerId": "Task.identifier",
    "text": "Task.statusReason.text",
    "move": "Task.status",
}


async def put(ask: Ask, request: Request, id_: str, task: Mapping[str, Any], version: int | None) -> Resource:
    """Set the Task to what `task` says. `version`: the one that the sender last read (If-Match), else `task`'s own.

    Raises: RefusedError 404; 412 and 409 for a version that is not the newest; 422 for a status that does not follow.
    """
    if task.get("id") != id_:
        raise refused(400, "The Task's id must be that of the address.", "Task.id")
    standing = await _standing(ask, request, id_)
    said = _own_version(task)
    state = wanted_state(task, standing)
    # What is so already was sent again, or read and written back.
    if state is None or standing["state"] == state:
        return await read(ask, request, "Task", id_)
    _check_version(standing, version, said)
    moves = _moves(task, standing, state)
    reason, words = _reason(task)
    for name in moves:
        given = {
            "id": id_,
            "expectedVersion": standing["version"],
            "move": name,
            **(await _asked(ask, request, standing, name, reason, words, task)),
        }
        key = _key(id_, standing["version"], name)
        answer = await ask(documents.MOVE, {"input": {"idempotencyKey": key, **given}}, request)
        succeeded(checked(answer)["moveReferral"], _PLACES)
        standing = await _standing(ask, request, id_)
    return await read(ask, request, "Task", id_)


async def _standing(ask: Ask, request: Request, id_: str) -> Mapping[str, Any]:
    if not is_id(id_):
        raise absent("Task")
    found = checked(await ask(documents.STANDING, {"id": id_}, request))["referral"]
    if found is None:
        raise absent("Task")
    return dict(found)


def _own_version(task: Mapping[str, Any]) -> int | None:
    said = str(task.get("meta", {}).get("versionId", ""))
    return int(said) if said.isdecimal() and len(said) < 10 else None


def _check_version(standing: Mapping[str, Any], matched: int | None, said: int | None) -> None:
    newest = standing["version"]
    if matched is not None and matched != newest:
        raise refused(412, f"The Task has changed: its version is {newest}. Read it again.", kind="conflict")
    if matched is None and said is not None and said != newest:
        raise refused(
            409, f"The Task has changed: its version is {newest}. Read it again.", "Task.meta.versionId"
        )


def wanted_state(task: Mapping[str, Any], standing: Mapping[str, Any]) -> str | None:
    """The state that a Task means: by `businessStatus`, where that names one which the referral is not in; else by `status`.
    None where it says what is already so. Raises: RefusedError 422 for a status that is no referral's, or leads nowhere."""
    status = str(task.get("status"))
    if status not in STATES_OF:
        raise refused(422, f"status takes {', '.join(STATES_OF)}.", "Task.status", "value")
    named = [_named(one) for one in task.get("businessStatus", {}).get("coding", ())]
    for state in named:
        if state is not None and state != standing["state"] and state in STATES_OF[status]:
            return state
    if status == standing["fhirStatus"]:
        return None
    allowed = {one["move"] for one in standing["allowedMoves"]}
    ways = [way for way in codes.WAYS if way.status == status]
    if not ways:
        raise _not_allowed(standing, f"{status} is not set.")
    return next((way.to for way in ways if allowed & {*way.moves}), ways[0].to)


def _named(coding: Mapping[str, Any]) -> str | None:
    if coding.get("system") == codes.STATES:
        return str(coding.get("code"))
    return codes.BY_BSER.get(str(coding.get("code"))) if coding.get("system") == codes.BSER else None


def _moves(task: Mapping[str, Any], standing: Mapping[str, Any], state: str) -> Sequence[str]:
    """The moves that lead to `state` from here, the first of them one that is allowed now."""
    if standing["state"] is None and task["status"] in _UNSEEN:
        return (_UNSEEN[task["status"]],)
    allowed = {one["move"] for one in standing["allowedMoves"]}
    ways = [
        *((move,) for move in codes.BY_STATE.get(state, ())),
        *(way.moves for way in codes.WAYS if way.to == state and way.status == task["status"]),
    ]
    for moves in ways:
        for at, move in enumerate(moves):
            if move in allowed:
                return moves[at:]
    raise _not_allowed(standing, f"{task['status']} cannot be set now.")


def _not_allowed(standing: Mapping[str, Any], text: str) -> RefusedError:
    """What can be set instead: each status, with the state where that says more, and what it needs."""
    allowed = {one["move"]: one for one in standing["allowedMoves"]}
    can = []
    for way in codes.WAYS:
        first = next((allowed[move] for move in way.moves if move in allowed), None)
        if first is not None and first["forbidden"] is None:
            needs = (
                " with a statusReason"
                if first["reasons"]
                else " with an output"
                if first["needsOutcome"]
                else ""
            )
            can.append(f"{way.status} ({way.to}){needs}")
    can += [
        f"businessStatus {state}"
        for state, moves in codes.BY_STATE.items()
        if allowed.keys() & {*moves} and not any(f"({state})" in one for one in can)
    ]
    forbidden = [f"{move}: {one['forbidden']}" for move, one in allowed.items() if one["forbidden"]]
    said = f"{text} Allowed now: {'; '.join(can) or 'nothing'}."
    if forbidden:
        said = f"{said} Against others: {'; '.join(forbidden)}"
    return RefusedError(422, [Issue("business-rule", said, "Task.status")])


async def _asked(
    ask: Ask,
    request: Request,
    standing: Mapping[str, Any],
    name: str,
    reason: str | None,
    words: str | None,
    task: Mapping[str, Any],
) -> dict[str, Any]:
    """What a move takes, out of the Task."""
    move = next((one for one in standing["allowedMoves"] if one["move"] == name), None)
    given: dict[str, Any] = {}
    if filler := _filler(task):
        given["fillerId"] = filler
    if move is None:
        return {**given, "reason": reason or "OTHER"} if name in _UNSEEN.values() else given
    if move["reasons"]:
        if reason is None:
            raise refused(
                422,
                f"A reason is needed: of {codes.REASONS} one of {', '.join(move['reasons'])}.",
                "Task.statusReason",
            )
        if reason not in move["reasons"]:
            raise refused(
                422, f"The reason must be one of {', '.join(move['reasons'])}.", "Task.statusReason"
            )
        given["reason"] = reason
        if reason == "OTHER" and words and words not in codes.REASON_TEXT.values():
            await _say(ask, request, standing, words)
    if move["needsOutcome"]:
        given["outcome"] = _outcome(task)
    return given


def _reason(task: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The reason's code, and its words. A code that is not ours is kept as its text."""
    said = task.get("statusReason", {})
    for coding in said.get("coding", ()):
        if coding.get("system") == codes.REASONS:
            return str(coding.get("code")), said.get("text")
    texts = [said.get("text"), *(one.get("display") or one.get("code") for one in said.get("coding", ()))]
    words = next((one for one in texts if one), None)
    by_words = {text: code for code, text in codes.REASON_TEXT.items()}
    return (by_words.get(words, "OTHER"), words) if words else (None, None)


async def _say(ask: Ask, request: Request, standing: Mapping[str, Any], words: str) -> None:
    """What a code cannot say goes into the referral's thread, where it is screened, sealed, and shown as consent allows."""
    given = {"referral": standing["id"], "text": words}
    key = _key(standing["id"], standing["version"], words)
    answer = await ask(documents.SAY, {"input": {"idempotencyKey": key, **given}}, request)
    payload = checked(answer)["postMessage"]
    # Where nothing may go back to the sender (R7), or the check of a conflict is not over (R14), a refusal still may.
    if payload is None or payload.get("code") != "NOT_ALLOWED":
        succeeded(payload, _PLACES)


def _outcome(task: Mapping[str, Any]) -> str:
    """What came of it. That a Task is completed does not say that somebody was helped: so it has to be said."""
    for output in task.get("output", ()):
        for coding in output.get("valueCodeableConcept", {}).get("coding", ()):
            if coding.get("system") == codes.OUTCOMES and coding.get("code") in codes.OUTCOME_TEXT:
                return str(coding["code"])
    raise refused(
        422,
        f"An output is needed that says what came of it: of {codes.OUTCOMES} one of {', '.join(codes.OUTCOME_TEXT)}.",
        "Task.output",
    )


def _filler(task: Mapping[str, Any]) -> str | None:
    for one in task.get("identifier", ()):
        kinds = [coding.get("code") for coding in one.get("type", {}).get("coding", ())]
        if "FILL" in kinds:
            return str(one["value"]) if one.get("value") else None
    return None


def _key(*parts: object) -> str:
    """The same request has the same key, so that it is done once however often it is sent."""
    return f"fhir:{hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()}"


def patched(task: Resource, operations: Any) -> Resource:
    """The Task as a JSON Patch (RFC 6902) makes it: `add`, `replace`, `remove` and `test` of whole elements.

    Raises: RefusedError 400, 422.
    """
    if not isinstance(operations, list) or not 1 <= len(operations) <= _MOST_OPERATIONS:
        raise refused(400, f"A patch is a list of 1 to {_MOST_OPERATIONS} operations.", kind="structure")
    made = dict(task)
    for one in operations:
        kind, path = (one.get("op"), one.get("path")) if isinstance(one, dict) else (None, None)
        element = str(path).removeprefix("/")
        if element not in PATCHABLE:
            raise refused(422, f"What can be patched is /{', /'.join(PATCHABLE)}.", kind="not-supported")
        if kind in ("add", "replace") and "value" in one:
            made[element] = one["value"]
        elif kind == "remove":
            made.pop(element, None)
        elif kind == "test" and "value" in one:
            if made.get(element) != one["value"]:
                raise refused(409, f"{element} is not what the patch tests for.", f"Task.{element}")
        else:
            raise refused(
                400, "An operation is add, replace, remove or test, with its value.", kind="structure"
            )
    return made
