"""What Open Referral publishes of HSDS, as a check: its JSON schemas, its OpenAPI description, its `datapackage.json`.

These files are not ours to ship, so they are not everywhere: tests that need them are skipped where they are not.
"""

from __future__ import annotations

import csv
import json
import re
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest

DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"

needs_published: Final = pytest.mark.skipif(
    not (DATA / "hsds-3.0" / "schema").is_dir(), reason=f"no published schemas in {DATA}"
)

#: What the published examples of whole objects hold, beyond the schemas of their parts.
_IN_EXAMPLES: Final = {
    "organization": {"services": "service"},
    "service_at_location": {"service": "service"},
}
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


@cache
def openapi() -> dict[str, Any]:
    return dict(json.loads((DATA / "hsds-3.0" / "schema" / "openapi.json").read_text()))


@cache
def schema_of(kind: str) -> dict[str, Any]:
    return dict(json.loads((DATA / "hsds-3.0" / "schema" / f"{kind}.json").read_text()))


def problems(value: Any, kind: str, at: str = "") -> list[str]:
    """What of an object does not fit the published JSON schema of its kind, and what the schema does not know."""
    schema = schema_of(kind)
    found = [f"{at}{name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, content in value.items():
        where = f"{at}{name}"
        more = _IN_EXAMPLES.get(kind, {}).get(name)
        if more is not None:
            for one in content if isinstance(content, list) else [content]:
                found += problems(one, more, f"{where}.")
        elif name in schema["properties"]:
            found += _of_property(content, schema["properties"][name], where)
        else:
            found.append(f"{where} is not of HSDS")
    return found


def _of_property(value: Any, schema: dict[str, Any], at: str) -> list[str]:
    if "$ref" in schema:
        return problems(value, schema["$ref"].removesuffix(".json"), f"{at}.")
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{at} is no {kind}"]
    if kind == "array":
        item = schema["items"]["$ref"].removesuffix(".json")
        return [line for number, one in enumerate(value) for line in problems(one, item, f"{at}[{number}].")]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at} is not one of {schema['enum']}"]
    return [] if _fits(value, schema.get("format")) else [f"{at} is no {schema['format']}"]


def _fits(value: Any, form: str | None) -> bool:
    try:
        if form == "uuid":
            UUID(value)
        elif form == "date-time":
            datetime.fromisoformat(value)
    except ValueError:
        return False
    if form == "uri":
        return re.match(r"[a-z][a-z0-9+.-]*:\S+$", value) is not None
    return form != "email" or re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


def of_openapi(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """What of an answer does not fit a schema of the OpenAPI description."""
    if "$ref" in schema:
        reference = schema["$ref"]
        if reference.startswith("#/components/schemas/"):
            return of_openapi(value, openapi()["components"]["schemas"][reference.rpartition("/")[2]], at)
        kind = Path(reference).stem.removesuffix("_list")
        return problems(value, kind, at)
    found = [line for part in schema.get("allOf", ()) for line in of_openapi(value, part, at)]
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            found += of_openapi(value[name], inner, f"{at}{name}.")
        elif at == "" and inner.get("type") != "array":
            found.append(f"{name} is missing")
    if schema.get("type") == "array":
        for number, one in enumerate(value):
            found += of_openapi(one, schema["items"], f"{at}[{number}].")
    elif "type" in schema and not isinstance(value, _TYPES[schema["type"]]):
        found.append(f"{at} is no {schema['type']}")
    return found


@cache
def datapackage(version: str) -> dict[str, Any]:
    folder = {"3.0": "hsds-3.0", "3.1": "hsds-3.1-dev"}[version]
    return dict(json.loads((DATA / folder / "datapackage.json").read_text(encoding="utf-8")))


def package_problems(folder: Path, version: str, *, uuids: bool, whole: bool = True) -> list[str]:
    """What of a package does not fit the published `datapackage.json`: files, columns, types, formats, values, keys.

    `uuids`: whether identifiers must be some. `whole`: whether what is required must be there.
    """
    resources = {one["name"]: one for one in datapackage(version)["resources"]}
    tables = {name: rows_of(folder / one["path"]) for name, one in resources.items()}
    found = []
    for name, one in resources.items():
        columns, rows = tables[name]
        fields = {field["name"]: field for field in one["schema"]["fields"]}
        # The development branch of 3.1 describes two of its tables in part.
        if set(fields) - set(columns) or (
            set(columns) != set(fields) and name not in ("service_capacity", "unit")
        ):
            found.append(f"{one['path']}: columns {sorted(set(columns) ^ set(fields))}")
        for number, row in enumerate(rows, 2):
            for column, field in fields.items():
                said = _of_cell(row.get(column, ""), field, uuids=uuids, whole=whole)
                found += [f"{one['path']}, row {number}, {column}: {said}"] if said else []
        if len({row["id"] for row in rows}) != len(rows):
            found.append(f"{one['path']}: an id stands twice")
        for key in one["schema"].get("foreignKeys") or ():
            there = {row["id"] for row in tables[key["reference"]["resource"]][1]}
            lost = {row[key["fields"]] for row in rows} - there - {""}
            found += [f"{one['path']}: {key['fields']} leads nowhere"] if lost else []
    return found


def rows_of(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    with file.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        rows = list(reader)
    return list(reader.fieldnames or ()), rows


def _of_cell(value: str, field: dict[str, Any], *, uuids: bool, whole: bool) -> str | None:
    constraints = field.get("constraints") or {}
    if not value:
        return "is required" if whole and constraints.get("required") else None
    if "enum" in constraints and value not in constraints["enum"]:
        return f"is not one of {constraints['enum']}"
    form = field.get("format")
    if form == "uuid" and not uuids:
        form = None
    try:
        match field["type"]:
            case "number":
                float(value)
            case "date":
                date.fromisoformat(value)
            case "time":
                time.fromisoformat(value)
            case "datetime":
                datetime.fromisoformat(value)
    except ValueError:
        return f"is no {field['type']}"
    return None if _fits(value, form) else f"is no {form}"
