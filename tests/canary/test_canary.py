"""Nothing that is personal or secret is in anything that the processes write, or say to others (R34).

Canaries go in through every mutation, done and failing, through OAuth and the sign-in pages; then everything is searched.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import pytest
import pytest_asyncio

from tests.canary.birds import MARK
from tests.canary.planting import Planter, mutations
from tests.canary.steps import STEPS
from tests.support.running import RunningNetwork
from vereda.postgres import EmbeddedPostgres
from vereda.secrets import Secrets

pytestmark = pytest.mark.processes

#: How the log is written in production. That a terminal shows no more is `kernel/test_telemetry.py`'s to say.
FORMATS: Final = ("json",)
#: What a database holds beside what it seals: what is said of no single person.
PLAIN_IN_REFERRALS: Final = {
    ("RecordConsentInput", "scriptVersion"),
    ("PublishConsentScriptInput", "version"),
    ("PublishConsentScriptInput", "text"),
    ("PublishConsentScriptInput", "audioReference"),
}
#: What a person is called is no secret to the gateway; what they prove themselves with is.
PLAIN_IN_GATEWAY: Final = {
    ("oauth_clients", "name"),
    ("people", "email"),
    ("people", "displayName"),
    ("InviteMemberInput", "email"),
    ("InviteMemberInput", "displayName"),
    ("InviteMemberInput", "locale"),
    ("InviteMemberInput", "organizationName"),
    ("RegisterApiClientInput", "name"),
    ("RegisterApiClientInput", "purpose"),
    ("ChangeApiClientInput", "name"),
    ("ChangeApiClientInput", "purpose"),
}
#: The directory and what is offered are there to be read by everybody; so is, by oneself, what one is called.
PUBLIC: Final = frozenset(
    {
        "OrganizationInput",
        "RegisterOrganizationInput",
        "UpdateOrganizationInput",
        "ServiceInput",
        "CreateServiceInput",
        "UpdateServiceInput",
        "CreateLocationInput",
        "UpdateLocationInput",
        "ReportCapacityInput",
        "EligibilityRuleInput",
        "SetEligibilityRulesInput",
        "EligibilityStatementInput",
        "PublishConsentScriptInput",
        "PlanWorkshopInput",
        "PublishWorkshopInput",
        "PractitionerInput",
        "SetPopulationInput",
        "CancelWorkshopInput",
        "CreateTrainingProgramInput",
        "OpenCohortInput",
        "ScheduleSessionsInput",
        "PublishRubricInput",
        "CriterionInput",
        "RubricCriterionInput",
        "CreateFundingProgramInput",
        "FundingTierInput",
        "OpenFundingRoundInput",
        "oauth_clients",
    }
)


@dataclass
class Evidence:
    """A network that canaries were planted in, while it runs, and all that it wrote."""

    planter: Planter
    home: Path

    @property
    def output(self) -> str:
        return self.planter.network.output


@pytest_asyncio.fixture(scope="module")
async def evidence(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Evidence]]:
    """One network for each way to write the log."""
    networks = {
        name: RunningNetwork(
            tmp_path_factory.mktemp(name),
            VEREDA_LOG_FORMAT=name,
            VEREDA_LOG_LEVEL="DEBUG",
            VEREDA_STATEMENT_TIMEOUT_S="1",
        )
        for name in FORMATS
    }
    found = {name: Evidence(Planter(network), network.home) for name, network in networks.items()}
    try:
        await asyncio.gather(*(network.start("--no-demo") for network in networks.values()))
        await asyncio.gather(*(one.planter.everything() for one in found.values()))
        yield found
    finally:
        await asyncio.gather(*(network.stop() for network in networks.values()))


def test_canaries_go_in_through_every_mutation_of_the_graph() -> None:
    """A mutation that is new fails here until it has a step; its input is made from the schema."""
    assert {step.mutation for step in STEPS} == set(mutations())


@pytest.mark.parametrize("name", FORMATS)
async def test_every_mutation_was_done(evidence: dict[str, Evidence], name: str) -> None:
    """What the other tests would be worth nothing without."""
    planter = evidence[name].planter
    owners = {owner for owner, _field in planter.birds.planted.values()}

    assert planter.done == set(mutations())
    assert {"RecordClientInput", "ContactInput", "SendReferralInput", "InviteMemberInput"} <= owners
    assert len(planter.birds.planted) > 300
    assert len(planter.birds.secrets) > 12


@pytest.mark.parametrize("name", FORMATS)
async def test_no_log_line_holds_any_of_it(evidence: dict[str, Evidence], name: str) -> None:
    output = evidence[name].output

    assert evidence[name].planter.birds.found_in(output) == {}
    assert MARK not in output.lower()
    assert "/graphql" in output  # it is the log, and it was written


@pytest.mark.parametrize("name", FORMATS)
async def test_the_log_of_postgres_holds_none_of_it(evidence: dict[str, Evidence], name: str) -> None:
    log = (evidence[name].home / "postgres" / "postgres.log").read_text(errors="replace")

    assert evidence[name].planter.birds.found_in(log) == {}
    assert MARK not in log.lower()
    for complaint in ("statement timeout", "violates not-null constraint", "terminating connection"):
        assert complaint in log  # what would have quoted it, happened


@pytest.mark.parametrize("name", FORMATS)
async def test_no_file_holds_any_of_it_but_the_databases(evidence: dict[str, Evidence], name: str) -> None:
    home, birds = evidence[name].home, evidence[name].planter.birds
    # Letters to people hold their addresses; in development they stay in the outbox.
    apart = (home / "postgres" / "data", home / "secrets", home / "outbox")

    found = {
        str(path.relative_to(home)): birds.found_in(path.read_text(errors="replace"))
        for path in home.rglob("*")
        if path.is_file() and not any(path.is_relative_to(one) for one in apart)
    }

    assert found
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize("name", FORMATS)
async def test_no_metric_of_any_process_holds_any_of_it(evidence: dict[str, Evidence], name: str) -> None:
    network = evidence[name].planter.network
    async with httpx.AsyncClient() as http:
        for port in range(network.port, network.port + 4):
            answer = await http.get(f"http://127.0.0.1:{port}/metrics")
            assert evidence[name].planter.birds.found_in(answer.text) == {}
            assert port != network.port or "vereda_gateway_requests" in answer.text


@pytest.mark.parametrize("name", FORMATS)
async def test_nobody_else_was_told_any_of_it(evidence: dict[str, Evidence], name: str) -> None:
    """Answers and errors that another organisation got meanwhile."""
    planter = evidence[name].planter
    public = {place for place in planter.birds.planted.values() if place[0] in PUBLIC}
    told = "\n".join(planter.to_strangers)

    assert planter.birds.found_in(told, but=public) == {}
    assert planter.birds.found_in(told)  # they did read the directory


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("database", "plain"), [("referrals", PLAIN_IN_REFERRALS), ("gateway", PLAIN_IN_GATEWAY)]
)
async def test_a_dump_of_the_database_holds_no_person_and_no_secret_in_clear(
    evidence: dict[str, Evidence], name: str, database: str, plain: set[tuple[str, str]]
) -> None:
    dumped = await dump(evidence[name].home, database)

    found = evidence[name].planter.birds.found_in(dumped, but=plain)

    assert found == {}
    assert len(dumped) > 1_000


async def dump(home: Path, database: str) -> str:
    """Every row of every table, as COPY writes it, by the server's superuser."""
    admin = EmbeddedPostgres(home / "postgres", Secrets(home / "secrets")).admin_url
    connection = await asyncpg.connect(admin.replace("/postgres?", f"/vereda_{database}?"))
    pieces: list[bytes] = []

    async def keep(piece: bytes) -> None:
        pieces.append(piece)

    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in tables:
            await connection.copy_from_table(table, output=keep)
    finally:
        await connection.close()
    return b"".join(pieces).decode(errors="replace")
