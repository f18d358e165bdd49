"""docs/grammar.md: each of its examples, in its order, with the answer that stands under it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.grants.programmes import Programmes

PAGE: Final = (Path(__file__).parents[2] / "docs" / "grammar.md").read_text()
#: Who asks, what the answer teaches, the document, the answer.
_EXAMPLE: Final = re.compile(
    r"^<!-- (school|funder)((?:, \w+ = [\w.]+)*) -->\n```graphql\n(.*?)```\n```json\n(.*?)```\n",
    re.MULTILINE | re.DOTALL,
)


def filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], text)


def at(path: str, answer: Any) -> Any:
    for part in path.split("."):
        answer = answer[part]
    return answer


async def test_every_example_of_the_page_is_answered_as_it_says(programmes: Programmes) -> None:
    today = datetime.now(UTC).date()
    await programmes.cohort(starts_on=today + timedelta(days=40))
    known = {"cohort": await programmes.cohort(starts_on=today + timedelta(days=20))}
    round_, tiers = await programmes.round()
    for tier in ("1000.00 USD", "5000.00 USD"):
        await programmes.awarded(round_, tiers[tier], signed=False)
    callers = {"school": programmes.school, "funder": programmes.funder}

    examples = _EXAMPLE.findall(PAGE)
    for who, learns, document, expected in examples:
        answer = await programmes.grants.answer(callers[who], filled(document, known))
        for name, path in re.findall(r"(\w+) = ([\w.]+)", learns):
            known[name] = at(path, answer["data"])
        codes = [error["extensions"]["code"] for error in answer["errors"]]
        assert ({"errors": codes} if codes else answer["data"]) == json.loads(filled(expected, known))

    assert len(examples) == PAGE.count("```graphql") == 8
