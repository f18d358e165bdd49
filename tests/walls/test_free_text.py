"""R2: every string that a mutation of the three services takes is looked over, or is listed with a reason why not.

Generated from the schemas: a field that is new is screened at once, and is tried here at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import pytest_asyncio
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from services.grants.app import SERVICE as GRANTS
from services.grants.schema.texts import TEXTS as GRANTS_TEXTS
from services.partners.app import SERVICE as PARTNERS
from services.partners.schema.texts import TEXTS as PARTNERS_TEXTS
from services.referrals.app import SERVICE as REFERRALS
from services.referrals.schema.texts import TEXTS as REFERRALS_TEXTS
from tests.support.databases import Databases
from tests.support.inputs import Inputs, call
from tests.support.subgraph import Subgraph, caller_of
from vereda.screening.net import EVERYWHERE, Text, Texts, how
from vereda.settings import Settings

SERVICES: Final = {
    "partners": (PARTNERS, PARTNERS_TEXTS),
    "referrals": (REFERRALS, REFERRALS_TEXTS),
    "grants": (GRANTS, GRANTS_TEXTS),
}
#: As codes too would take them.
NUMBER: Final = "123-45-6789"
STATUS: Final = "undocumented"


def strings(schema: GraphQLSchema) -> Iterator[tuple[str, str, str]]:
    """Mutation, input type and field of every string that is taken."""
    assert schema.mutation_type is not None

    def of(
        mutation: str, kind: Any, owner: str, name: str, above: tuple[str, ...]
    ) -> Iterator[tuple[str, str, str]]:
        named = get_named_type(kind)
        if isinstance(named, GraphQLInputObjectType) and named.name not in above:
            for field, declared in named.fields.items():
                yield from of(mutation, declared.type, named.name, field, (*above, named.name))
        elif named.name == "String":
            yield mutation, owner, name

    for mutation, field in schema.mutation_type.fields.items():
        for argument, declared in field.args.items():
            yield from of(mutation, declared.type, "", argument, ())


EVERY: Final = [
    (name, *one) for name, (service, _texts) in SERVICES.items() for one in strings(service.schema._schema)
]
TRIED: Final = [
    (name, mutation, owner, field)
    for name, mutation, owner, field in EVERY
    if how(owner, field, SERVICES[name][1]) is not Text.CODED
]

#: Mutations that do the same to many, and refuse each by itself.
_OF_MANY: Final = {"moveReferrals": "{ __typename ... on MovesMade { results { __typename } } }"}


@pytest_asyncio.fixture(scope="module")
async def subgraphs(databases: Databases, settings: Settings) -> dict[str, Subgraph]:
    return {
        name: Subgraph(service, await databases.of(name, service.folder), settings)
        for name, (service, _texts) in SERVICES.items()
    }


@pytest.mark.parametrize(("name", "mutation", "owner", "field"), TRIED)
async def test_r2_what_must_not_be_recorded_is_refused_in_every_field(
    subgraphs: dict[str, Subgraph], name: str, mutation: str, owner: str, field: str
) -> None:
    texts: Texts = SERVICES[name][1]
    about_services = how(owner, field, texts) is Text.ABOUT_SERVICES
    for text in (NUMBER,) if about_services else (NUMBER, STATUS):
        answer = await asked(subgraphs[name], mutation, owner, field, text)
        codes = [one["extensions"]["code"] for one in answer["errors"]]
        payload = (answer["data"] or {}).get(mutation) or {}
        by_operation = how(owner, field, texts) is Text.BY_OPERATION
        assert (codes, payload.get("__typename")) == (
            ([], "SensitiveText") if by_operation else (["SENSITIVE_TEXT"], None)
        ), answer
        assert text not in str(answer)


async def asked(subgraph: Subgraph, mutation: str, owner: str, field: str, text: str) -> dict[str, Any]:
    schema = subgraph.service.schema._schema
    assert schema.mutation_type is not None
    declared = schema.mutation_type.fields[mutation]
    kind = schema.type_map[owner]
    assert isinstance(kind, GraphQLInputObjectType)
    many = str(kind.fields[field].type).startswith("[")
    # Whole inputs, so that what is nested is there.
    inputs = Inputs({(owner, field): [text] if many else text}, whole=True)
    arguments = inputs.arguments(mutation, declared)
    document = call("mutation", mutation, declared, arguments)
    document = document.replace("{ __typename }", _OF_MANY.get(mutation, "{ __typename }"))
    answer = await subgraph.answer(caller_of(), document, **arguments)
    payload = (answer["data"] or {}).get(mutation)
    if payload and "results" in payload:
        answer["data"][mutation] = payload["results"][0]
    return answer


@pytest.mark.parametrize("name", SERVICES)
def test_r2_the_list_names_fields_that_there_are(name: str) -> None:
    there = {(owner, field) for one, _mutation, owner, field in EVERY if one == name}

    for listed in SERVICES[name][1]:
        owner, _, field = listed.rpartition(".")
        assert any(f == field and owner in ("", o) for o, f in there), listed
    assert all(done is Text.CODED for done in EVERYWHERE.values())


def test_r2_what_is_about_a_client_is_never_left_out() -> None:
    """Free text of the service that holds people: each either here or in its operation, nothing with numbers alone but scripts."""
    spared = {f for f, done in REFERRALS_TEXTS.items() if done is Text.ABOUT_SERVICES}

    assert spared == {
        "RecordConsentInput.scriptText",
        "PublishConsentScriptInput.text",
        "PublishConsentScriptInput.audioReference",
    }
