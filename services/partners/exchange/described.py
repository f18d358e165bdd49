"""The description of an exported package: Frictionless `datapackage.json` (Tabular Data Package) for HSDS 3.0."""

from __future__ import annotations

from typing import Any, Final

from services.partners.exchange.hsds import KINDS, NEWER, Kind

#: Kind -> its file in a 3.0 package.
FILES: Final = {
    kind.name: f"{kind.file}.csv"
    for kind in KINDS
    if kind.name not in NEWER and kind.name != "meta_table_description"
}


def description() -> dict[str, Any]:
    """The package's description, as the specification publishes it, for the files that we write."""
    return {
        "name": "human_services_data",
        "title": "Human Services Data Specification",
        "profile": "tabular-data-package",
        "version": "3.0.0",
        "homepage": "http://docs.openreferral.org",
        "resources": [_resource(kind) for kind in KINDS if kind.name in FILES],
    }


def _resource(kind: Kind) -> dict[str, Any]:
    keys = [
        {"fields": field, "reference": {"resource": parent, "fields": "id"}}
        for field, parent in kind.parents.items()
        if field in kind.fields and parent != kind.name and parent in FILES
    ]
    return {
        "name": kind.name,
        "path": FILES[kind.name],
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "primaryKey": "id",
            "fields": [_field(kind, name) for name in kind.fields],
            "foreignKeys": sorted(keys, key=lambda key: str(key["fields"])),
        },
    }


def _field(kind: Kind, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "string",
        "constraints": {"required": name in kind.required, "unique": name == "id"},
    }
