"""The committed supergraphs are those of the committed subgraphs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.federation.compose import folders, is_stale


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_the_supergraph_is_composed_from_the_subgraphs_that_are_there(folder: Path) -> None:
    assert not is_stale(folder), "run `make schema`"


def test_a_changed_subgraph_makes_the_supergraph_stale(tmp_path: Path) -> None:
    keys = next(folder for folder in folders() if folder.name == "keys")
    for file in keys.glob("*.graphql"):
        (tmp_path / file.name).write_text(file.read_text())
    assert not is_stale(tmp_path)

    changed = next(file for file in tmp_path.glob("*.graphql") if file.name != "supergraph.graphql")
    changed.write_text(changed.read_text() + "\nscalar Date\n")

    assert is_stale(tmp_path)
