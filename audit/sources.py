"""bandit over what runs in production.

ruff's S rules are the same checks under the same numbers, and run with every lint. A line that is justified to ruff, by
`# noqa: S310` and a reason, is justified here; what ruff does not know yet is what this is for.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from audit.finding import BIN, ROOT, Report, told_by

_FOLDERS: Final = ("vereda", "gateway", "services", "facades")
_JUSTIFIED: Final = re.compile(r"#\s*noqa:.*?\bS(\d{3})\b|#\s*nosec\s+B(\d{3})\b")


def look() -> Report:
    """Every finding that no line justifies."""
    command = (BIN / "bandit", "--quiet", "--format", "json", "--configfile", "pyproject.toml", "--recursive")
    found = json.loads(told_by((*command, *_FOLDERS), timeout_s=300).stdout)
    open_ones = tuple(_told(one) for one in found["results"] if not _is_justified(one))
    errors = tuple(f"{one['filename']}: {one['reason']}" for one in found["errors"])
    lines = found["metrics"]["_totals"]["loc"]
    return Report(f"{lines:,} lines, {len(found['results'])} places looked at closer", open_ones + errors)


def _told(one: dict[str, Any]) -> str:
    return f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}"


def _is_justified(one: dict[str, Any]) -> bool:
    lines = (ROOT / one["filename"]).read_text().splitlines()
    span = one["line_range"]
    text = "\n".join(lines[span[0] - 1 : span[-1]])
    return one["test_id"][1:] in {number for pair in _JUSTIFIED.findall(text) for number in pair}
