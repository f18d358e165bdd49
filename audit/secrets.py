"""detect-secrets over every file under version control, against `.secrets.baseline`: what was looked at and is none.

`python -m audit.secrets` writes the baseline anew; look at each line that it adds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from audit.finding import BIN, ROOT, Report, told_by

BASELINE: Final = ROOT / ".secrets.baseline"
#: Digests of packages, of subgraphs and of the baseline itself look like secrets, and are none.
_LEFT_OUT: Final = r"(^|/)(package-lock\.json|requirements/.*\.txt|supergraph\.graphql|\.secrets\.baseline)$"


def look() -> Report:
    """Every secret, or what looks like one, that is not in the baseline."""
    known = _digests(json.loads(BASELINE.read_text()))
    files = _files()
    found = _digests(_scanned(files))
    fresh = tuple(f"{name}: {kind}" for name, kind, _ in sorted(found - known))
    return Report(f"{len(files)} files, {len(known)} harmless places in the baseline", fresh)


def _scanned(files: list[str]) -> dict[str, Any]:
    """Without verification: what looks like a secret is not tried out on anybody's server."""
    told = told_by(
        (BIN / "detect-secrets", "scan", "--no-verify", "--exclude-files", _LEFT_OUT, *files), timeout_s=300
    )
    scanned: dict[str, Any] = json.loads(told.stdout)
    return scanned


def _files() -> list[str]:
    listed = told_by(("git", "ls-files", "--cached", "--others", "--exclude-standard"), timeout_s=30)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def _digests(scanned: dict[str, Any]) -> set[tuple[str, str, str]]:
    """File, kind and digest of each; lines move."""
    return {
        (name, one["type"], one["hashed_secret"]) for name, ones in scanned["results"].items() for one in ones
    }


def write(path: Path = BASELINE) -> None:
    """The baseline as things stand, without the moment at which it was made."""
    scanned = _scanned(_files())
    scanned.pop("generated_at", None)
    path.write_text(json.dumps(scanned, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    write()
