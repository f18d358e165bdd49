"""Packages for tests: small, whole, and ours; a test spoils the cell that it is about."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Rows = Sequence[Mapping[str, str]]


def package(**changed: Rows) -> dict[str, Rows]:
    """Two organisations, each with a service at a place; `changed` replaces whole tables."""
    tables: dict[str, Rows] = {
        "organizations": [
            {"id": "o1", "name": "Centro Sol", "description": "Help", "email": "hola@example.org"},
            {"id": "o2", "name": "Valley Library", "description": "Books", "website": "https://example.org"},
        ],
        "services": [
            {"id": "s1", "organization_id": "o1", "name": "Clases de inglés", "status": "active"},
            {"id": "s2", "organization_id": "o2", "name": "Reading hour", "status": "temporarily closed"},
        ],
        "locations": [
            {"id": "l1", "organization_id": "o1", "name": "Main office", "location_type": "physical"},
            {"id": "l2", "organization_id": "o2", "name": "Branch", "location_type": "physical"},
        ],
        "service_at_location": [
            {"id": "p1", "service_id": "s1", "location_id": "l1"},
            {"id": "p2", "service_id": "s2", "location_id": "l2"},
        ],
        "addresses": [
            {"id": "a1", "location_id": "l1", "address_1": "1 Main St", "city": "Fresno", "state_province": "CA",
             "postal_code": "93721", "country": "US", "address_type": "physical"},
        ],
        "phones": [{"id": "f1", "service_id": "s1", "number": "559 555 0100"}],
    }  # fmt: skip
    return tables | changed


def csv_text(rows: Rows) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_folder(folder: Path, tables: Mapping[str, Rows]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8", newline="")
    return folder


def write_zip(path: Path, tables: Mapping[str, Rows], inside: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            archive.writestr(f"{inside}{name}.csv", csv_text(rows))
    return path
