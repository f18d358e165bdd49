"""What `vereda standings` does: bring what referrals states of each service to the directory, through the gateway.

The two services never call each other (docs/decisions/0003, 0020). Statements are signed, so that whoever carries them is
trusted with nothing: any system with `directory:read` and `admin:network` or `referral:send` may.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from vereda.demo.caller import PartnerSystem, UnexpectedAnswerError
from vereda.errors import OperatorError
from vereda.ids import new_id

_READ: Final = """query($after: String) { services(first: 100, after: $after) {
  nodes { standing } pageInfo { hasNextPage endCursor } } }"""
_FILE: Final = """mutation($input: FileStandingsInput!) { fileStandings(input: $input) { __typename
  ... on StandingsFiled { services { id } } } }"""


def secret_in(file: Path) -> str:
    """Raises: OperatorError."""
    try:
        return file.read_text().strip()
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from None


async def carry(system: PartnerSystem) -> int:
    """Page after page of the directory; of how many services there was something newer.

    Raises: OperatorError where the gateway answers otherwise than it should.
    """
    filed, after = 0, None
    try:
        while True:
            page = (await _asked(system, _READ, {"after": after}))["services"]
            standings = [one["standing"] for one in page["nodes"] if one["standing"]]
            if standings:
                given = {"idempotencyKey": str(new_id()), "standings": standings}
                answer = (await _asked(system, _FILE, {"input": given}))["fileStandings"]
                filed += len(answer["services"])
            if not page["pageInfo"]["hasNextPage"]:
                return filed
            after = page["pageInfo"]["endCursor"]
    except (UnexpectedAnswerError, OSError, KeyError, TypeError) as error:
        raise OperatorError(f"The standings could not be carried: {type(error).__name__}: {error}.") from None


async def _asked(system: PartnerSystem, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    answer = await system.ask(document, variables)
    if answer.get("errors"):
        codes = {str(error.get("extensions", {}).get("code")) for error in answer["errors"]}
        raise UnexpectedAnswerError(", ".join(sorted(codes)))
    return dict(answer["data"])
