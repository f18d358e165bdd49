"""`@authenticated`, `@requiresScopes`, `@policy`, `@cost` and `@listSize` are read into the model."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gateway.supergraph import Authorization, ListSize, Supergraph, load


@cache
def supergraph() -> Supergraph:
    return load((Path(__file__).parent / "supergraph.graphql").read_text())


def test_who_may_see_a_type_or_a_field() -> None:
    said = supergraph().authorization

    assert said["File"] == Authorization(authenticated=True)
    assert said["Query.secret"] == Authorization(authenticated=True)
    assert said["Vault"] == Authorization(scopes=(("vault",),))
    assert said["Vault.gold"] == Authorization(authenticated=True)
    assert said["Digest"] == Authorization(authenticated=True)
    assert "Query.files" not in said
    assert "File.size" not in said


def test_scopes_are_alternatives_of_sets() -> None:
    """(files:read and staff) or admin."""
    assert supergraph().authorization["File.body"].scopes == (("files:read", "staff"), ("admin",))
    assert supergraph().authorization["File.readers"].scopes == (("audit",),)


def test_a_directive_under_a_name_of_its_own_is_known_all_the_same() -> None:
    assert supergraph().authorization["File.owner"].policies == (("owner",), ("auditor", "night"))


def test_what_an_implementation_needs_its_field_needs() -> None:
    assert supergraph().authorization["Letter.seal"] == Authorization(authenticated=True)


def test_costs_are_told_for_types_fields_arguments_and_inputs() -> None:
    assert supergraph().costs == {
        "Query.files(first:)": 2,
        "File.size": 5,
        "File.readers": 30,
        "Vault": 20,
        "Kind": 3,
        "Digest": 4,
        "Filter.deep": 7,
    }


def test_list_sizes_are_told_with_their_defaults() -> None:
    sizes = supergraph().list_sizes

    assert sizes["Query.files"] == ListSize(50, ("first",), (), False)
    assert sizes["Query.page"] == ListSize(None, ("first", "last"), ("items",), True)
    assert sizes["Query.trail"] == ListSize(None, ("last",))


def test_none_of_it_is_public() -> None:
    names = {directive.name for directive in supergraph().api_schema.directives}

    assert not {"authenticated", "requiresScopes", "policy", "rule", "cost", "listSize"} & names
