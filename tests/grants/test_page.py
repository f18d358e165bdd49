"""docs/training.md: each of its examples, in its order, by whom it says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from strawberry.utils.str_converters import to_camel_case

from services.grants.schema.mutations.attendance import AttendanceMutations
from services.grants.schema.mutations.progress import ProgressMutations
from services.grants.schema.mutations.selection import SelectionMutations
from tests.grants.programmes import Programmes

PAGE: Final = (Path(__file__).parents[2] / "docs" / "training.md").read_text()
#: Who asks, what the answer teaches, the document, its variables.
_EXAMPLE: Final = re.compile(
    r"^<!-- (school|second|clinic)((?:, \w+ = [\w.]+)*) -->\n```graphql\n(.*?)```\n(?:```json\n(.*?)```\n)?",
    re.MULTILINE | re.DOTALL,
)


def at(path: str, answer: Any) -> Any:
    for part in path.split("."):
        answer = answer[int(part) if part.isdigit() else part]
    return answer


async def test_every_example_of_the_page_runs_in_its_order(programmes: Programmes) -> None:
    today = datetime.now(UTC).date()
    known = {
        "cohort": await programmes.cohort(starts_on=today - timedelta(days=9), minimum=75, plan=True),
        "proof": programmes.proof(),
        "today": today.isoformat(),
    }
    callers = {
        "school": programmes.school,
        "second": replace(programmes.school, subject="somebody else"),
        "clinic": programmes.clinic,
    }
    examples, answers = _EXAMPLE.findall(PAGE), []
    for who, learns, document, variables in examples:
        given = {name: known[value.strip("{}")] for name, value in json.loads(variables or "{}").items()}
        answer = await programmes.grants.data(callers[who], document, **given)
        assert all(answer.values()), ("refused", document)  # nothing but a success is selected
        answers.append(answer)
        for name, path in re.findall(r"(\w+) = ([\w.]+)", learns):
            known[name] = at(path, answer)

    assert len(examples) == PAGE.count("```graphql")
    [sheet] = [one["attendance"] for one in answers if "attendance" in one]
    assert (sheet["percent"], sheet["atRisk"]) == (100, 0)
    assert {"changeParticipant": {"participant": {"status": "COMPLETED"}}} in answers
    steps = answers[-1]["cohort"]["funnel"]["steps"]
    assert [step["reached"] for step in steps] == [1, 1, 1, 1, 0, 0]


@pytest.mark.parametrize("area", [AttendanceMutations, ProgressMutations, SelectionMutations])
def test_every_change_of_these_areas_is_told_there_or_in_the_changelog(area: type[Any]) -> None:
    told = PAGE + (Path(__file__).parents[2] / "CHANGELOG.md").read_text()
    names = [to_camel_case(field.python_name) for field in area.__strawberry_definition__.fields]

    assert names
    assert [name for name in names if name not in told] == []
