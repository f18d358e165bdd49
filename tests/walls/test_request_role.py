"""What a statement can do at worst, if somebody gets one of their own into a request: never more than the caller may.

Each is run in a request's transaction, as an injection would: by itself, in the role of requests, with whatever it says
of itself.
"""

from __future__ import annotations

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.databases import Databases, for_want_of_a_right
from tests.support.subgraph import caller_of
from tests.walls.rows import Rows, write
from tests.walls.tables import STORES, Readers
from vereda.caller import Scope, system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.migrations import BOOKKEEPING, migrate

OWNER = new_id()
KEPT_FROM_OTHERS = [
    (name, table)
    for name, store in STORES.items()
    for table, readers in store.readers.items()
    if readers is not Readers.MEMBERS
]


@pytest_asyncio.fixture(scope="module")
async def stores(databases: Databases) -> dict[str, Database]:
    """Every database, with a row of one organisation in each table."""
    made = {}
    for name, store in STORES.items():
        made[name] = await databases.migrated(name, store.folder)
        async with made[name].transaction(system_caller(OWNER)) as session:
            await write(session, Rows(store.metadata, OWNER))
    return made


async def refused(database: Database, *statements: str) -> bool:
    """Whether the last of these fails for want of a right, all of them in one request."""
    try:
        async with database.transaction(caller_of()) as session:
            for statement in statements:
                await session.execute(text(statement))
    except DBAPIError as error:
        if for_want_of_a_right(error):
            return True
        raise
    return False


CLAIMS = {
    "another organisation": f"SELECT set_config('vereda.organization', '{OWNER}', true)",
    "another organisation, with nobody's seal": (
        f"SELECT set_config('vereda.organization', '{OWNER}', true), set_config('vereda.seal', '', true)"
    ),
    "another organisation, whose name begins in the subject": (
        f"SELECT set_config('vereda.subject', concat(current_setting('vereda.subject'), '{OWNER}'), true),"
        f" set_config('vereda.organization', '{OWNER}', true)"
    ),
    "what is no seal": (
        f"SELECT set_config('vereda.organization', '{OWNER}', true), set_config('vereda.seal', 'zz', true)"
    ),
    "the scope of our loaders": "SELECT set_config('vereda.scopes', 'system', true)",
    "the scope of the authorization server": (
        "SELECT set_config('vereda.scopes', 'authorization-server', true)"
    ),
    "the authorization server, under its caller's own seal": (
        "SELECT set_config('vereda.scopes', concat(current_setting('vereda.scopes'), ' authorization-server'), true)"
    ),
    "nobody's scopes": "SELECT set_config('vereda.scopes', '', true)",
    "no row-level security": "SELECT set_config('row_security', 'off', true)",
    "a look at functions elsewhere first": "SELECT set_config('search_path', 'pg_catalog', true)",
}


@pytest.mark.parametrize(("name", "table"), KEPT_FROM_OTHERS)
async def test_whatever_a_statement_claims_to_be_it_sees_no_row_of_others(
    stores: dict[str, Database], name: str, table: str
) -> None:
    seen = {claim: await counted(stores[name], table, claim) for claim in CLAIMS}

    assert seen == dict.fromkeys(CLAIMS, 0)


async def counted(database: Database, table: str, claim: str) -> int:
    ordinary = caller_of(None, *(scope for scope in Scope if scope is not Scope.ADMIN_NETWORK))
    async with database.transaction(ordinary) as session:
        await session.execute(text(CLAIMS[claim]))
        try:
            return int(await session.scalar(text(f"SELECT count(*) FROM public.{table}")) or 0)
        except DBAPIError as error:
            # Without the policies, or without the policies' own functions, nothing is answered.
            cause = error.orig.__cause__ if error.orig else None
            if for_want_of_a_right(error) or isinstance(cause, asyncpg.UndefinedFunctionError):
                return 0
            raise


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE {owner}",
        "SELECT set_config('role', '{owner}', true)",
        "SET SESSION AUTHORIZATION {owner}",
        "SELECT set_config('session_authorization', '{owner}', true)",
        "GRANT {owner} TO {role}",
        "ALTER ROLE {role} BYPASSRLS",
        "ALTER ROLE {owner} PASSWORD 'mine'",
        "ALTER TABLE clients DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE clients NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE clients OWNER TO {role}",
        "ALTER TABLE clients DISABLE TRIGGER ALL",
        "CREATE POLICY open ON clients USING (true)",
        "DROP POLICY home_keeps ON clients",
        "CREATE OR REPLACE FUNCTION vereda_has_scope(wanted text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TEMP TABLE clients AS SELECT 1",
        "CREATE TABLE mine (x int)",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION vector",
        "TRUNCATE clients",
        "SELECT digest FROM policy_revision",
        "SELECT inner_key FROM caller_seal",
        "UPDATE caller_seal SET inner_key = outer_key",
        "SELECT version_num FROM alembic_version",
        "UPDATE alembic_version SET version_num = '0'",
        "COPY clients TO '/tmp/clients'",
        "COPY clients TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT rolpassword FROM pg_authid",
        "SELECT set_config('log_statement', 'all', true)",
        "SELECT set_config('session_replication_role', 'replica', true)",
    ],
)
async def test_a_statement_in_a_request_cannot_become_more_than_a_request(
    stores: dict[str, Database], statement: str
) -> None:
    database = stores["referrals"]
    names = {"owner": database.engine.url.username, "role": database.request_role}

    assert await refused(database, statement.format(**names))


async def test_nothing_can_be_undone_back_to_the_owner(stores: dict[str, Database]) -> None:
    """There is no owner to go back to: the connection itself is the role of requests."""
    database = stores["referrals"]
    for statement in (
        "RESET ROLE",
        "RESET SESSION AUTHORIZATION",
        "SELECT set_config('role', 'none', false)",
    ):
        async with database.transaction(caller_of()) as session:
            await session.execute(text(statement))
            user = (await session.execute(text("SELECT current_user, session_user"))).one()
        assert tuple(user) == (database.request_role, database.request_role)


async def test_what_works_as_the_owner_is_these_and_only_three_of_them_can_be_called(
    stores: dict[str, Database],
) -> None:
    """Consequences belong to a change that the policies allowed; a seal is looked at; shares of many are told; and who may
    verify reads the audit."""
    owners = text(
        "SELECT proname, prorettype = 'trigger'::regtype, proconfig FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    )
    found = {}
    for database in stores.values():
        async with database.engine.connect() as connection:
            found |= {name: (trigger, path) for name, trigger, path in await connection.execute(owners)}

    called = {"vereda_sealed", "service_standings", "audit_entries_of"}
    owners_alone = {"under_hold"}
    consequences = {
        "revocation_ends_referrals",
        "newer_consent_supersedes",
        "moved_on",
        "went_on",
        "one_referral_each",
        "conflict_checked",
        "claim_offer",
        "seat_taken",
        "booked_again",
        "place_filled",
        "emergency_or_nothing",
        "erasure_takes_notes",
        "take_seat",
        "take_waiting_seat",
        "pass_on_seat",
        "award_is_reviewed",
        "reviewer_is_apart",
        "documents_go",
        "decider_is_apart",
        "application_follows",
        "round_opens",
        "award_takes",
        "tranche_pays",
        "receipt_counts",
        "return_counts",
        "award_ends",
        "draw_takes",
        "sub_award_takes",
        "amendment_changes",
        "audit_queues",
        "feed_queues",
        "erasure_empties",
        "held_keys_are_sealed",
        "held_rows_are_kept",
        "held_rows_outlive",
        "note_changed_service",
        "keep_record_sources",
    }
    assert set(found) == called | consequences | owners_alone
    assert all(path == ["search_path=public, pg_temp"] for _trigger, path in found.values())
    assert {name for name, (trigger, _path) in found.items() if trigger} == consequences


async def test_nobody_asks_whether_a_client_is_under_a_hold(stores: dict[str, Database]) -> None:
    """Whoever could would learn that somebody is wanted (R24)."""
    async with stores["referrals"].transaction(caller_of(None, *Scope)) as session:
        with pytest.raises(DBAPIError) as refused:
            await session.execute(text("SELECT under_hold(gen_random_uuid())"))
    assert for_want_of_a_right(refused.value)


async def test_entries_of_the_audit_are_read_past_the_policies_by_who_may_verify_alone(
    stores: dict[str, Database],
) -> None:
    asked = text("SELECT count(*) FROM audit_entries_of(CAST(ARRAY[] AS uuid[]))")
    async with stores["grants"].transaction(caller_of(None, Scope.AUDIT_VERIFY)) as session:
        assert await session.scalar(asked) == 0
    for scopes in [s for s in Scope if s is not Scope.AUDIT_VERIFY], [Scope.ADMIN_NETWORK]:
        async with stores["grants"].transaction(caller_of(None, *scopes)) as session:
            with pytest.raises(DBAPIError) as refused:
                await session.execute(asked)
        assert for_want_of_a_right(refused.value)


async def test_a_seal_holds_for_its_caller_alone(stores: dict[str, Database]) -> None:
    """What works as the owner and anybody can call says yes or no, and to what it was made for."""
    sealed, whose = text("SELECT vereda_sealed()"), text("SELECT vereda_organization(), vereda_subject()")
    caller = caller_of()
    changes = {
        "vereda.subject": "somebody",
        "vereda.organization": str(OWNER),
        "vereda.scopes": "directory:read",
        "vereda.seal": "0" * 64,
    }
    async with stores["grants"].transaction(caller) as session:
        assert await session.scalar(sealed) is True
        for setting, other in changes.items():
            before = await session.scalar(text("SELECT current_setting(:setting)"), {"setting": setting})
            await session.execute(SET, {"setting": setting, "value": other})
            assert await session.scalar(sealed) is False, setting
            assert tuple((await session.execute(whose)).one()) == (None, None)
            await session.execute(SET, {"setting": setting, "value": before})
        assert tuple((await session.execute(whose)).one()) == (caller.organization, caller.subject)


SET = text("SELECT set_config(:setting, :value, true)")


@pytest.mark.parametrize("name", STORES)
async def test_the_role_of_requests_has_no_right_without_a_policy_for_it(
    stores: dict[str, Database], name: str
) -> None:
    granted = text(
        "SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = :role"
    )
    policies = text(
        "SELECT tablename, CASE cmd WHEN 'ALL' THEN 'SELECT,INSERT,UPDATE,DELETE' ELSE cmd END FROM pg_policies"
        " WHERE 'public' = ANY (roles)"
    )
    async with stores[name].engine.connect() as connection:
        rights = {
            tuple(row) for row in await connection.execute(granted, {"role": stores[name].request_role})
        }
        backed = {
            (table, verb) for table, verbs in await connection.execute(policies) for verb in verbs.split(",")
        }

    assert rights == backed
    assert not {table for table, _ in rights} & BOOKKEEPING


@pytest.mark.parametrize(
    "made",
    ["SELECT 1", "CREATE ROLE {role} LOGIN BYPASSRLS", "CREATE ROLE {role} LOGIN; GRANT {owner} TO {role}"],
)
async def test_a_service_does_not_start_with_a_role_of_requests_that_is_missing_or_may_more(
    databases: Databases, made: str
) -> None:
    database = await databases.empty("roles")
    names = {"role": database.request_role, "owner": database.engine.url.username}
    connection = await asyncpg.connect(databases.admin_url)
    try:
        await connection.execute(f"DROP ROLE {names['role']}")
        await connection.execute(made.format(**names))
    finally:
        await connection.close()

    with pytest.raises(OperatorError, match=names["role"]):
        await migrate(database, STORES["grants"].folder)
