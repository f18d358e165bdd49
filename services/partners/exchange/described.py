"""The description of an exported package: Frictionless `datapackage.json` (Tabular Data Package) for HSDS."""

from __future__ import annotations

from typing import Any, Final

from services.partners.exchange.fields import VALUES, Type, type_of
from services.partners.exchange.hsds import KINDS, NEWER, Kind

VERSIONS: Final = ("3.0", "3.1")


def files(version: str) -> dict[str, str]:
    """Kind -> its file in a package of this version."""
    return {kind.name: f"{kind.file}.csv" for kind in KINDS if version != "3.0" or kind.name not in NEWER}


#: Everything that an export may have written.
ALL_FILES: Final = frozenset({*files("3.1").values(), "datapackage.json"})


def fields(kind: Kind, version: str) -> tuple[str, ...]:
    return kind.fields if version == "3.0" else (*kind.fields, *kind.newer)


def description(version: str, *, own_identifiers: bool) -> dict[str, Any]:
    """The package's description, as the specification publishes it, for the files that we write. `own_identifiers`: its
    records go out under the identifiers of their source, which may be no UUIDs."""
    return {
        "name": "human_services_data",
        "title": "Human Services Data Specification",
        "profile": "tabular-data-package",
        "version": f"{version}.0",
        "homepage": "http://docs.openreferral.org",
        "resources": [
            _resource(kind, version, own_identifiers) for kind in KINDS if kind.name in files(version)
        ],
    }


def _resource(kind: Kind, version: str, own_identifiers: bool) -> dict[str, Any]:
    names = files(version)
    keys = [
        {"fields": field, "reference": {"resource": parent, "fields": "id"}}
        for field, parent in kind.parents.items()
        if field in fields(kind, version) and parent != kind.name and parent in names
    ]
    return {
        "name": kind.name,
        "path": names[kind.name],
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "primaryKey": "id",
            "fields": [_field(kind, name, own_identifiers) for name in fields(kind, version)],
            "foreignKeys": sorted(keys, key=lambda key: str(key["fields"])),
        },
    }


def _field(kind: Kind, name: str, own_identifiers: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": name in kind.required, "unique": name == "id"}
    if (kind.name, name) in VALUES:
        constraints["enum"] = list(VALUES[kind.name, name])
    found: dict[str, Any] = {"name": name, "type": type_of(kind.name, name).value, "constraints": constraints}
    if found["type"] in _FORMATS:
        found |= {"type": "string", "format": found["type"]}
    elif not own_identifiers and (name in _IDENTIFIERS or name in kind.parents):
        found["format"] = "uuid"
    return found


_IDENTIFIERS: Final = frozenset({"id", "link_id", "resource_id"})
#: Of texts; what a table schema has no type for.
_FORMATS: Final = frozenset({Type.URI.value, Type.EMAIL.value})
