"""The commands for spreadsheets, as somebody types them beside a running network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.running import RunningNetwork

pytestmark = pytest.mark.processes


async def test_a_box_goes_out_and_people_come_in_after_a_look(
    network: RunningNetwork, tmp_path: Path
) -> None:
    out, people = str(tmp_path / "inbox.csv"), tmp_path / "people.csv"
    people.write_text("Ref,Name,Language,zip3\nS-1,Lupita,spa,937\nS-2,,spa,937\n")
    taking = ("clients", "import", str(people), "--column", "reference=Ref", "--client-id", "demo-school")

    exported = await network.run("referrals", "export", "inbox", out, "--client-id", "demo-school")
    moved = await network.run("referrals", "import", out, "--dry-run", "--client-id", "demo-school")
    looked = await network.run(*taking, "--dry-run")
    taken = await network.run(*taking)
    nonsense = await network.run("referrals", "export", "everything", out)

    assert exported[0] == 0, exported[1]
    assert (moved[0], "refused" in moved[1]) == (0, False)
    assert looked[0] == taken[0] == 1  # a row was refused
    assert "line 2: would be done" in looked[1]
    assert "line 3, name: refused (is needed)" in taken[1]
    assert "1 done, 1 refused." in taken[1]
    assert (nonsense[0], nonsense[1].count("\n")) == (1, 1)
