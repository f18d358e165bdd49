"""Referrals as a table: one's own inbox or outbox out, moves in.

Out go statuses, times and the organisation's own identifiers: of the client nothing at all, so that a file that is lost is
about nobody (R26); with each row its consent and scope (R11). In come moves, a row each, as `moveReferral` makes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vereda.sheets.asking import Asks, data_of
from vereda.sheets.cells import Row
from vereda.sheets.report import Fate, Report

#: The columns that go out. The last four come back filled in.
COLUMNS: Final = (
    "referral",
    "own_reference",
    "organization",
    "kind_of_help",
    "urgency",
    "state",
    "outcome_told",
    "reason_told",
    "sent_at",
    "changed_at",
    "due_at",
    "consent",
    "consent_scope",
    "version",
    "move",
    "reason",
    "outcome",
    "new_reference",
)
_TAKEN: Final = ("referral", "version", "move", "reason", "outcome", "new_reference")
BOXES: Final = {"inbox": ("fillerId", "sender"), "outbox": ("placerId", "recipient")}
_PAGE: Final = 50
_TOGETHER: Final = 25

_NODE: Final = """id version urgency state status reason outcome sentAt changedAt dueAt placerId fillerId serviceDomain
  sender { id } recipient { id } consent { id scopeSentence }"""
BOX: Final = {
    box: f"""query($filter: ReferralFilter, $first: Int!, $after: String) {{
  {box}(filter: $filter, first: $first, after: $after) {{
    nodes {{ {_NODE} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    for box in BOXES
}
STANDING: Final = """query($id: ID!) { referral(id: $id) { version state
  allowedMoves { move through reasons needsOutcome needsOffer forbidden } } }"""
MOVES: Final = """mutation($input: MoveReferralsInput!) { moveReferrals(input: $input) { __typename
  ... on Refusal { message }
  ... on MovesMade { results { __typename ... on ReferralMoved { referral { id } }
    ... on Refusal { code message } ... on MoveNotAllowed { allowedMoves }
    ... on InvalidInput { problems { field problem } } } } } }"""


async def exported(asks: Asks, box: str, since: str | None = None) -> list[dict[str, str]]:
    """The rows of a box, by `COLUMNS`. `since`: only what changed from that time on, RFC 3339."""
    reference, other = BOXES[box]
    rows: list[dict[str, str]] = []
    after = None
    while True:
        given = {"filter": {"changedSince": since} if since else None, "first": _PAGE, "after": after}
        page = (await data_of(asks, BOX[box], given))[box]
        rows += [_row(node, reference, other) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return rows
        after = page["pageInfo"]["endCursor"]


def _row(node: Mapping[str, Any], reference: str, other: str) -> dict[str, str]:
    said = {
        "referral": node["id"],
        "own_reference": node[reference],
        "organization": node[other] and node[other]["id"],
        "kind_of_help": node["serviceDomain"],
        "urgency": node["urgency"],
        "state": node["state"] or node["status"],
        "outcome_told": node["outcome"],
        "reason_told": node["reason"],
        "sent_at": node["sentAt"],
        "changed_at": node["changedAt"],
        "due_at": node["dueAt"],
        "consent": node["consent"] and node["consent"]["id"],
        "consent_scope": node["consent"] and node["consent"]["scopeSentence"],
        "version": node["version"],
    }
    return {name: "" if value is None else str(value) for name, value in said.items()}


async def taken_in(asks: Asks, rows: Sequence[Row], *, preview: bool) -> Report:
    """Make the moves that a file asks for, or say which would be made. A row without a move is passed over; the same file
    can be sent again, and does nothing twice."""
    report = Report()
    asked: list[tuple[Row, dict[str, Any]]] = []
    for row in rows:
        given = _move(row, report)
        if given is not None:
            asked.append((row, given))
    if preview:
        for row, given in asked:
            await _preview(asks, row, given, report)
        return report
    for at in range(0, len(asked), _TOGETHER):
        together = asked[at : at + _TOGETHER]
        moves = [given for _, given in together]
        payload = (await data_of(asks, MOVES, {"input": {"moves": moves}}))["moveReferrals"]
        for (row, _), result in zip(together, payload["results"], strict=True):
            _tell(row, result, report)
    return report


def _move(row: Row, report: Report) -> dict[str, Any] | None:
    said = {name: row.get(name) for name in _TAKEN}
    if not said["move"]:
        report.add(row.line, Fate.NOTHING)
        return None
    for column, needed in (("referral", bool(said["referral"])), ("version", said["version"].isdecimal())):
        if not needed:
            report.add(row.line, Fate.REFUSED, "is needed, as it was exported", column)
            return None
    given = {
        "id": said["referral"],
        "expectedVersion": int(said["version"]),
        "move": said["move"].upper(),
        "reason": said["reason"].upper() or None,
        "outcome": said["outcome"].upper() or None,
        "fillerId": said["new_reference"] or None,
    }
    digest = hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()
    return {"idempotencyKey": f"sheet:{digest}", **{k: v for k, v in given.items() if v is not None}}


async def _preview(asks: Asks, row: Row, given: Mapping[str, Any], report: Report) -> None:
    standing = (await data_of(asks, STANDING, {"id": given["id"]}))["referral"]
    if standing is None:
        report.add(row.line, Fate.REFUSED, "there is no such referral of yours", "referral")
        return
    if standing["version"] != given["expectedVersion"]:
        report.add(
            row.line,
            Fate.REFUSED,
            "it has changed since, or this was done already: export it again",
            "version",
        )
        return
    moves = {one["move"]: one for one in standing["allowedMoves"] if one["through"] == "moveReferral"}
    move = moves.get(given["move"])
    if move is None:
        report.add(row.line, Fate.REFUSED, f"allowed now: {', '.join(moves) or 'nothing'}", "move")
    elif move["forbidden"]:
        report.add(row.line, Fate.REFUSED, move["forbidden"], "move")
    elif move["needsOffer"]:
        report.add(row.line, Fate.REFUSED, "takes an offer, which a table has no place for", "move")
    elif move["reasons"] and given.get("reason") not in move["reasons"]:
        report.add(row.line, Fate.REFUSED, f"is one of {', '.join(move['reasons'])}", "reason")
    elif move["needsOutcome"] != ("outcome" in given):
        report.add(row.line, Fate.REFUSED, "is needed" if move["needsOutcome"] else "is not taken", "outcome")
    else:
        report.add(row.line, Fate.WOULD, given["move"])


def _tell(row: Row, result: Mapping[str, Any], report: Report) -> None:
    if result["__typename"] == "ReferralMoved":
        report.add(row.line, Fate.DONE)
        return
    problems = [f"{one['field']} {one['problem']}" for one in result.get("problems", ())]
    allowed = [f"allowed now: {', '.join(result['allowedMoves'])}"] if "allowedMoves" in result else []
    report.add(row.line, Fate.REFUSED, "; ".join(problems or [result["message"], *allowed]))
