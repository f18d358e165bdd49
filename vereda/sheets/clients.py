"""People as a table, into one's own organisation: as little of each as a client is (R3), and never out again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from iso639 import is_language

from vereda.screening import screen
from vereda.sheets.asking import Asks
from vereda.sheets.cells import Row
from vereda.sheets.report import Fate, Report

#: `reference`: what the file's owner calls the person; it makes a file that is sent again do nothing twice.
COLUMNS: Final = (
    "reference",
    "name",
    "phone",
    "sms",
    "email",
    "language",
    "county",
    "zip3",
    "age_band",
    "contact_mode",
    "safe_hours",
)
_NEEDED: Final = ("reference", "name", "language")
_AGE_BANDS: Final = ("UNDER_18", "FROM_18_TO_25", "FROM_26_TO_40", "FROM_41_TO_64", "FROM_65")
_MODES: Final = ("ANY", "SAFE_HOURS", "SAFE_PERSON", "DO_NOT_CONTACT")
_FREE: Final = ("name", "safe_hours", "reference")
#: Columns that fields of the graph's input come from.
_FROM: Final = {
    "displayName": "name",
    "contacts": "phone",
    "ageBand": "age_band",
    "contactMode": "contact_mode",
    "safeHours": "safe_hours",
}
RECORD: Final = """mutation($input: RecordClientInput!) { recordClient(input: $input) { __typename
  ... on ClientRecorded { client { handle } } ... on Refusal { code message }
  ... on InvalidInput { problems { field problem } } ... on SensitiveText { field } } }"""


async def taken_in(asks: Asks, rows: Sequence[Row], *, preview: bool) -> tuple[Report, list[dict[str, str]]]:
    """Record the people of a file, or say which would be. The second part of the answer has the handle of each reference."""
    report, handles = Report(), []
    seen: set[str] = set()
    for row in rows:
        wrong = _wrong(row, seen)
        seen.add(row.get("reference"))
        if wrong is not None:
            report.add(row.line, Fate.REFUSED, wrong[1], wrong[0])
        elif preview:
            report.add(row.line, Fate.WOULD)
        else:
            handle = await _record(asks, row, report)
            if handle is not None:
                handles.append({"reference": row.get("reference"), "handle": handle})
    return report, handles


def _wrong(row: Row, seen: set[str]) -> tuple[str, str] | None:
    """The column, and what is wrong with it. The network says the same, and more; this is what can be said before."""
    for column in _NEEDED:
        if not row.get(column):
            return column, "is needed"
    if row.get("reference") in seen:
        return "reference", "is that of an earlier row"
    if not is_language(row.get("language"), "pt3"):
        return "language", "must be an ISO 639-3 code, such as spa or mxb"
    for column, known in (("age_band", _AGE_BANDS), ("contact_mode", _MODES)):
        if row.get(column) and row.get(column).upper() not in known:
            return column, f"must be one of {', '.join(known)}"
    for column in _FREE:
        if finding := screen(row.get(column)):
            return column, finding.hint
    return None


async def _record(asks: Asks, row: Row, report: Report) -> str | None:
    contacts = [
        {"system": system, "value": row.get(column)}
        for column, system in (("phone", "PHONE"), ("sms", "SMS"), ("email", "EMAIL"))
        if row.get(column)
    ]
    given = {
        "displayName": row.get("name"),
        "contacts": contacts,
        "language": row.get("language"),
        "county": row.get("county") or None,
        "zip3": row.get("zip3") or None,
        "ageBand": row.get("age_band").upper() or None,
        "contactMode": row.get("contact_mode").upper() or None,
        "safeHours": row.get("safe_hours") or None,
    }
    key = hashlib.sha256(row.get("reference").encode()).hexdigest()
    told = {name: value for name, value in given.items() if value is not None}
    answer = await asks.ask(RECORD, {"input": {"idempotencyKey": f"sheet:{key}", **told}})
    for error in answer.get("errors", ()):
        report.add(row.line, Fate.REFUSED, _said(error))
        return None
    payload = answer["data"]["recordClient"]
    if payload["__typename"] == "ClientRecorded":
        report.add(row.line, Fate.DONE)
        return str(payload["client"]["handle"])
    problems = payload.get("problems") or [{"field": payload.get("field"), "problem": payload["message"]}]
    first = problems[0]
    report.add(row.line, Fate.REFUSED, first["problem"], _FROM.get(first["field"], first["field"]))
    return None


def _said(error: Mapping[str, Any]) -> str:
    if error.get("extensions", {}).get("code") == "IDEMPOTENCY_KEY_REUSED":
        return "this reference was recorded with other data: change them in the network"
    return str(error.get("message"))
