"""docs/grants.md: each of its examples, in its order, by whom it says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of

PAGE: Final = (Path(__file__).parents[2] / "docs" / "grants.md").read_text()
#: Who asks, what the answer teaches, the document, its variables.
_EXAMPLE: Final = re.compile(
    r"^<!-- (clinic|funder|second)((?:, \w+ = [\w.]+)*) -->\n```graphql\n(.*?)```\n(?:```json\n(.*?)```\n)?",
    re.MULTILINE | re.DOTALL,
)


async def test_every_example_of_the_page_runs_in_its_order(programmes: Programmes) -> None:
    examples = _EXAMPLE.findall(PAGE)
    now = datetime.now(UTC)
    known: dict[str, str] = {
        "clinic": str(programmes.clinic.organization),
        "proof": programmes.proof("GRANT_APPLICATION"),
        "yesterday": (now - timedelta(days=1)).isoformat(),
        "later": (now + timedelta(days=30)).isoformat(),
    }
    callers = {
        "clinic": programmes.clinic,
        "funder": programmes.funder,
        "second": caller_of(programmes.funder.organization, subject="second"),
    }
    for who, learns, document, variables in examples:
        given = json.loads(re.sub(r'"\{(\w+)\}"', lambda found: json.dumps(known[found[1]]), variables))
        answer = await programmes.grants.data(callers[who], document, **given)
        mutated = document.lstrip().startswith("mutation")
        assert not mutated or all(answer.values()), ("refused", document)  # nothing but a success is selected
        for name, path in re.findall(r"(\w+) = ([\w.]+)", learns):
            found: Any = answer
            for part in path.split("."):
                found = found[int(part) if part.isdigit() else part]
            known[name] = found

    assert len(examples) == PAGE.count("```graphql")
