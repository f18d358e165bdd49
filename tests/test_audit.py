"""`make audit` finds what it is for, and says so by its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit import __main__ as audit
from audit import dependencies, finding, secrets, sources
from audit.finding import Report


def test_a_known_mistake_in_the_sources_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (finding, sources):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.bandit]\nskips = []\n")
    for name in ("vereda", "gateway", "services", "facades"):
        (tmp_path / name).mkdir()
    (tmp_path / "vereda" / "bad.py").write_text(
        "import pickle\n\n\ndef read(b):\n    return pickle.loads(b)\n"
    )
    (tmp_path / "vereda" / "known.py").write_text("exec('1')  # noqa: S102 (a constant)\n")

    [imported, used] = sources.look().findings

    assert imported.startswith("vereda/bad.py:1: B403")
    assert used.startswith("vereda/bad.py:5: B301")


def test_a_secret_that_is_not_in_the_baseline_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"results": {"a.py": [{"type": "Secret Keyword", "hashed_secret": "1", "line_number": 3}]}}
    moved = {"type": "Secret Keyword", "hashed_secret": "1", "line_number": 9}
    fresh = {"type": "Private Key", "hashed_secret": "2", "line_number": 1}

    assert secrets._digests({"results": {"a.py": [moved]}}) == secrets._digests(known)
    assert secrets._digests({"results": {"a.py": [moved, fresh]}}) - secrets._digests(known) == {
        ("a.py", "Private Key", "2")
    }


PIP_AUDIT = {
    "a hole": (
        '{"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]}',
        ("x 1: CVE-1, repaired in 2",),
        True,
    ),
    "none": ('{"dependencies": [{"name": "x", "version": "1", "vulns": []}]}', (), True),
    "one that nobody knows": (
        '{"dependencies": [{"name": "x", "version": "1", "vulns": []}, {"name": "y", "skip_reason": "unknown"}]}',
        ("y: the database does not know it",),
        True,
    ),
    "no database": ('{"dependencies": [{"name": "x", "skip_reason": "not found"}]}', (), False),
    "no network": ("", (), False),
}


@pytest.mark.parametrize(("told", "findings", "done"), PIP_AUDIT.values(), ids=PIP_AUDIT.keys())
def test_holes_of_dependencies_are_told_and_so_is_that_nobody_could_look(
    monkeypatch: pytest.MonkeyPatch, told: str, findings: tuple[str, ...], done: bool
) -> None:
    class Told:
        stdout = told

    monkeypatch.setattr(dependencies, "told_by", lambda *_command, **_options: Told)

    report = dependencies.look()

    assert (report.findings, report.done) == (findings, done)


def test_findings_end_it_with_1_and_what_could_not_be_done_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {
        "sources": lambda: Report("10 lines", ("x.py:1: B301",)),
        "secrets": lambda: Report("no files", done=False),
    }
    monkeypatch.setattr(audit, "PARTS", parts)
    monkeypatch.setattr("sys.argv", ["audit"])

    assert audit.main() == 1

    said = capsys.readouterr().out
    assert "x.py:1: B301" in said
    assert "1 to repair" in said
    assert "NOT DONE" in said


def test_nothing_found_ends_it_with_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PARTS", {"sources": lambda: Report("10 lines")})
    monkeypatch.setattr("sys.argv", ["audit"])

    assert audit.main() == 0
