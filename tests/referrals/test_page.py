"""docs/referrals.md: each of its examples, in its order, by whom it says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
import pytest_asyncio
from strawberry.utils.str_converters import to_camel_case

from services.referrals.app import ROUNDS, SERVICE
from services.referrals.schema.mutations.attachments import AttachmentMutations
from services.referrals.schema.mutations.household import HouseholdMutations
from services.referrals.schema.mutations.thread import ThreadMutations
from services.referrals.schema.mutations.working import WorkMutations
from tests.referrals.story import Story
from tests.support.databases import Databases
from vereda.database import Database
from vereda.rounds import make

PAGE: Final = (Path(__file__).parents[2] / "docs" / "referrals.md").read_text()
#: Who asks, what the answer teaches, the document, its variables.
_EXAMPLE: Final = re.compile(
    r"^<!-- (clinic|legal)((?:, \w+ = [\w.]+)*) -->\n```graphql\n(.*?)```\n(?:```json\n(.*?)```\n)?",
    re.MULTILINE | re.DOTALL,
)


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: a scan takes whatever waits."""
    return await databases.migrated("referrals", SERVICE.folder)


def filled(value: Any, known: dict[str, Any]) -> Any:
    """Variables with what is in braces put in."""
    if isinstance(value, dict):
        return {name: filled(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    named = re.fullmatch(r"\{(\w+)\}", value) if isinstance(value, str) else None
    return known[named[1]] if named else value


def at(path: str, answer: dict[str, Any]) -> Any:
    found: Any = answer
    for part in path.split("."):
        found = found[int(part) if part.isdigit() else part]
    return found


async def test_every_example_of_the_page_runs_in_its_order(story: Story, database: Database) -> None:
    examples = _EXAMPLE.findall(PAGE)
    known: dict[str, Any] = {
        "legal": str(story.legal.organization),
        "worker": str(uuid4()),
        "offer": story.offer(),
        "tomorrow": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    answers: list[dict[str, Any]] = []
    for who, learns, document, variables in examples:
        given = filled(json.loads(variables or "{}"), known)
        answer = await story.referrals.data(getattr(story, who), document, **given)
        answers.append(answer)
        mutated = document.lstrip().startswith("mutation")
        assert not mutated or all(answer.values()), ("refused", document)  # nothing but a success is selected
        for name, path in re.findall(r"(\w+) = ([\w.]+)", learns):
            known[name] = at(path, answer)
        if "sendAttachmentPart" in answer:
            [scan] = [one for one in ROUNDS if one.name == "scan attachments"]
            await make(scan, database, story.referrals.settings)

    assert len(examples) == PAGE.count("```graphql")
    [before] = [one for one in answers[:5] if "referralByPlacerId" in one]
    assert before["referralByPlacerId"] is None
    [documents] = [one["referral"]["attachments"] for one in answers if "attachments" in str(one)]
    assert documents[0]["part"] == "T2xkIGNhcmQu"
    [inbox] = [one["inbox"]["nodes"] for one in answers if "inbox" in one]
    assert [one["client"]["displayName"] for one in inbox] == ["Marisol Q."]
    whole = answers[-2]["referralByPlacerId"]
    assert (whole["state"], whole["loop"], whole["fillerId"]) == ("COMPLETED", "CONFIRMED", "LG-2291")
    assert [step["fact"] for step in whole["handOffs"][0]["steps"]] == ["ARRANGED", "JOINED", "DONE"]
    assert answers[-1]["revokeConsent"]["consent"]["active"] is False


@pytest.mark.parametrize("area", [AttachmentMutations, HouseholdMutations, ThreadMutations, WorkMutations])
def test_every_change_of_these_areas_is_shown_there(area: type[Any]) -> None:
    """A mutation that is new is shown to those who connect, or fails here."""
    names = [to_camel_case(field.python_name) for field in area.__strawberry_definition__.fields]

    assert [name for name in names if name not in PAGE] == []
    assert names
