"""What goes wrong, as an OperationOutcome (R4 §2.42): which HTTP status, which issue type, and never a value that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from facades.fhir.seeing import Resource
from vereda.facade import Answer

#: Issue types (R4 ValueSet issue-type) of HTTP statuses.
_BY_STATUS: Final[Mapping[int, str]] = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    410: "deleted",
    412: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "processing",
    429: "throttled",
    503: "transient",
    504: "timeout",
}
#: Codes of the graph's errors and refusals (docs/errors.md), by the status and issue type that say it in FHIR. A code that
#: is not here is a fault of ours.
BY_CODE: Final[Mapping[str, tuple[int, str]]] = {
    "UNAUTHORIZED_FIELD_OR_TYPE": (403, "forbidden"),
    "FORBIDDEN": (403, "forbidden"),
    "BAD_USER_INPUT": (400, "value"),
    "BAD_CURSOR": (400, "value"),
    "PAGE_TOO_LARGE": (400, "too-costly"),
    "COST_ESTIMATED_TOO_EXPENSIVE": (400, "too-costly"),
    "IDEMPOTENCY_KEY_REUSED": (409, "duplicate"),
    "SUBGRAPH_UNAVAILABLE": (503, "transient"),
    "SERVICE_UNAVAILABLE": (503, "transient"),
    "DEADLINE_EXCEEDED": (504, "timeout"),
    "NOT_FOUND": (404, "not-found"),
    "VERSION_CONFLICT": (409, "conflict"),
    "SERVICE_FULL": (409, "business-rule"),
    "OFFER_REFUSED": (409, "business-rule"),
    "MOVE_NOT_ALLOWED": (422, "business-rule"),
    "NOT_ALLOWED": (422, "business-rule"),
    "CONSENT_MISSING": (422, "suppressed"),
    "INVALID_INPUT": (422, "value"),
    "SENSITIVE_TEXT": (422, "value"),
}
_FAULT: Final = (500, "exception")


@dataclass(frozen=True, slots=True)
class Issue:
    """`at`: the element that it is about, by a FHIRPath of element names, such as `Patient.identifier[0]`."""

    kind: str
    text: str
    at: str | None = None
    severity: str = "error"

    def built(self) -> dict[str, Any]:
        found: dict[str, Any] = {"severity": self.severity, "code": self.kind, "diagnostics": self.text}
        if self.at is not None:
            found["expression"] = [self.at]
        return found


def warning(text: str, at: str) -> Issue:
    """That something was left behind (issue type `informational` would hide that it was lost)."""
    return Issue("not-supported", text, at, "warning")


def outcome(issues: Sequence[Issue]) -> Resource:
    """An OperationOutcome. With no issue it says that all is well, since there must be one."""
    said = [one.built() for one in issues] or [{"severity": "information", "code": "informational"}]
    return {"resourceType": "OperationOutcome", "issue": said}


class RefusedError(Exception):
    """The request is answered with `status` and an OperationOutcome of these issues."""

    def __init__(
        self, status: int, issues: Sequence[Issue], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.issues = issues
        self.headers = dict(headers or {})


def refused(status: int, text: str, at: str | None = None, kind: str | None = None) -> RefusedError:
    return RefusedError(status, [Issue(kind or _BY_STATUS.get(status, "processing"), text, at)])


def checked(answer: Answer, closed: Sequence[str] = ()) -> Mapping[str, Any]:
    """The answer's data. `closed`: root fields that may be closed to the caller, and are null then.

    Raises: RefusedError.
    """
    if answer.status != 200:
        kind = _BY_STATUS.get(answer.status, "processing")
        issues = [Issue(kind, str(one["message"])) for one in answer.errors]
        raise RefusedError(answer.status, issues, answer.headers)
    failed = [one for one in answer.errors if not _is_closed(one, closed)]
    if failed:
        status, _ = BY_CODE.get(_code(failed[0]), _FAULT)
        issues = [Issue(BY_CODE.get(_code(one), _FAULT)[1], str(one["message"])) for one in failed]
        raise RefusedError(status, issues, answer.headers)
    return answer.data or {}


def _is_closed(error: Mapping[str, Any], roots: Sequence[str]) -> bool:
    path: Sequence[Any] = error.get("path") or ()
    return _code(error) == "UNAUTHORIZED_FIELD_OR_TYPE" and len(path) == 1 and path[0] in roots


def _code(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code"))


def succeeded(payload: Mapping[str, Any] | None, at: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """A mutation's payload, if it is a success. `at`: the FHIR elements that its input's fields came from.

    Raises: RefusedError for a refusal, which names the elements that it is about.
    """
    code = None if payload is None else payload.get("code")
    if payload is not None and code is None:
        return payload
    places = at or {}
    status, kind = BY_CODE.get(str(code), _FAULT)
    said = payload or {"message": "Nothing was done."}
    issues = [
        Issue(kind, f"{one['field']} {one['problem']}", places.get(one["field"]))
        for one in said.get("problems", ())
    ]
    if not issues:
        told = said["message"]
        if "allowedMoves" in said:
            told = f"{told} Allowed now: {', '.join(said['allowedMoves']) or 'nothing'}."
        if "missing" in said:
            told = f"{told} Missing: {', '.join(said['missing'])}."
        issues = [Issue(kind, told, places.get(str(said.get("field"))))]
    raise RefusedError(status, issues)
