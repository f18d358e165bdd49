"""The demo's people can sign in, each in their role; in production there are none."""

from __future__ import annotations

import pytest

from gateway.people import People
from tests.gateway.people.conftest import Browser
from vereda.demo.network import build
from vereda.demo.people import PEOPLE, add_people, code, password
from vereda.errors import OperatorError
from vereda.settings import Environment


async def test_every_demo_person_signs_in_with_what_is_printed(people: People, app: object) -> None:
    for _ in range(2):  # the second time changes nothing
        await add_people(people.database, people.settings, build())

    for one in PEOPLE:
        browser = Browser(app)
        await browser.open("/sign-in")
        await browser.send("/sign-in", email=one.email, password=password(people.settings, one))
        page = await browser.send("/sign-in/second-factor", code=code(people.settings, one.email))
        assert page.path == ("/account" if len(one.workplaces) == 1 else "/sign-in/organization")


def test_there_is_one_for_each_role() -> None:
    assert {role for one in PEOPLE for _, role in one.workplaces} == {
        "case_worker",
        "supervisor",
        "organization_administrator",
        "network_coordinator",
        "auditor",
    }


def test_codes_are_for_demo_people_in_development(people: People) -> None:
    production = people.settings.model_copy(update={"environment": Environment.PRODUCTION})

    with pytest.raises(OperatorError, match="none of the demo's people"):
        code(people.settings, "somebody@example.org")
    with pytest.raises(OperatorError, match="in development only"):
        code(production, PEOPLE[0].email)
