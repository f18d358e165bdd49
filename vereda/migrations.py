"""Each service's schema: Alembic revisions, then its row-level security policies, brought up to date at start.

Replicas that start together take turns by an advisory lock. Policies live in `policies.sql` (or a folder `policies/`), that says
everything about who may touch which row; it is applied as a whole whenever its text has changed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from vereda.audit.policies import AUDIT_POLICIES
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.feed.policies import FEED_POLICIES
from vereda.sealed_caller import new_seal
from vereda.webhooks.policies import WEBHOOK_POLICIES

_LOCK: Final = 0x7665_7265_6461  # "vereda"
#: Tables of ours that hold no tenant's data and stay outside of row-level security and of the models.
BOOKKEEPING: Final = frozenset({"alembic_version", "policy_revision", "caller_seal"})

#: What policies ask, best as `(SELECT vereda_organization())`: once for a statement, not once for a row. A setting that
#: was never made, or not by us, reads as nobody, who may nothing. `{owner}`: the database's owner, as a literal.
_CALLER_FUNCTIONS: Final = """
CREATE TABLE IF NOT EXISTS caller_seal (inner_key bytea NOT NULL, outer_key bytea NOT NULL);
CREATE OR REPLACE FUNCTION vereda_sealed() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
  SECURITY DEFINER SET search_path = public, pg_temp AS $$
-- Any statement can make settings. Those that say who a transaction is for count only under the seal of the process, an
-- HMAC (RFC 2104) whose key no statement of a request can read. Compared by digest, so that time tells nothing.
DECLARE key caller_seal;
BEGIN
  IF session_user = {owner} THEN
    RETURN true;
  END IF;
  SELECT * INTO key FROM caller_seal;
  RETURN sha256(convert_to(current_setting('vereda.seal', true), 'UTF8'))
    = sha256(convert_to(encode(sha256(key.outer_key || sha256(key.inner_key
      || sha256(convert_to(current_setting('vereda.subject', true), 'UTF8'))
      || sha256(convert_to(current_setting('vereda.organization', true), 'UTF8'))
      || sha256(convert_to(current_setting('vereda.scopes', true), 'UTF8')))), 'hex'), 'UTF8'));
END $$;
CREATE OR REPLACE FUNCTION vereda_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN public.vereda_sealed() THEN NULLIF(current_setting('vereda.organization', true), '')::uuid END $$;
CREATE OR REPLACE FUNCTION vereda_subject() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN public.vereda_sealed() THEN NULLIF(current_setting('vereda.subject', true), '') END $$;
CREATE OR REPLACE FUNCTION vereda_has_scope(wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
-- The owner alone is the system: where it says so, and in its own functions that others set off (SECURITY DEFINER).
$$ SELECT CASE WHEN wanted = 'system' AND current_user <> {owner} THEN false
     WHEN wanted = 'system' AND session_user <> {owner} THEN true
     WHEN public.vereda_sealed() THEN coalesce(wanted = ANY (string_to_array(current_setting('vereda.scopes', true), ' ')), false)
     ELSE false END $$;
CREATE OR REPLACE FUNCTION vereda_keep() RETURNS trigger LANGUAGE plpgsql AS $$
-- A trigger for UPDATE: the columns named as its arguments stay as they are. Policies say which rows a caller may
-- change; this says which columns nobody may, but our own loaders.
DECLARE kept text;
BEGIN
  IF NOT vereda_has_scope('system') THEN
    FOREACH kept IN ARRAY TG_ARGV LOOP
      IF to_jsonb(OLD) -> kept IS DISTINCT FROM to_jsonb(NEW) -> kept THEN
        RAISE insufficient_privilege USING MESSAGE = format('%I.%I may not be changed', TG_TABLE_NAME, kept);
      END IF;
    END LOOP;
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION vereda_protect(protected text) RETURNS void LANGUAGE plpgsql AS $$
-- Put a table behind row-level security, its owner too, and take away the policies that it had: those that its
-- `policies.sql` goes on to say are all that there are.
DECLARE former record;
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected);
  FOR former IN SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = protected LOOP
    EXECUTE format('DROP POLICY %I ON %I', former.policyname, protected);
  END LOOP;
END $$;
CREATE TABLE IF NOT EXISTS policy_revision (digest text PRIMARY KEY);
"""

#: The policies of the tables that services have from the kernel; a database without such a table needs none for it.
_KERNEL_POLICIES: Final = {
    "outbox_events": """
SELECT vereda_protect('outbox_events');
CREATE POLICY told ON outbox_events FOR SELECT USING
  (organization_id = (SELECT vereda_organization()) OR (SELECT vereda_organization()) = ANY (audience));
CREATE POLICY telling ON outbox_events FOR INSERT WITH CHECK (organization_id = (SELECT vereda_organization()));
""",
    "idempotency_records": """
SELECT vereda_protect('idempotency_records');
CREATE POLICY own ON idempotency_records USING (organization_id = (SELECT vereda_organization()));
""",
    "audit_entries": AUDIT_POLICIES,
    "feed_entries": FEED_POLICIES,
    "webhook_endpoints": WEBHOOK_POLICIES,
}


#: The role of requests gets, of each table, the verbs that a policy for everybody is about; of all others nothing. A
#: policy `TO CURRENT_USER` is the owner's: for our own loaders.
_GRANTS: Final = """
DO $$
DECLARE granted record;
BEGIN
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), {role});
  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', {role});
  FOR granted IN
    SELECT DISTINCT tablename, CASE cmd WHEN 'ALL' THEN 'SELECT, INSERT, UPDATE, DELETE' ELSE cmd END AS verbs
    FROM pg_policies WHERE schemaname = 'public' AND 'public' = ANY (roles)
  LOOP
    EXECUTE format('GRANT %s ON %I TO %I', granted.verbs, granted.tablename, {role});
  END LOOP;
END $$;
"""


async def migrate(database: Database, service: Path) -> None:
    """Bring the database of the service in folder `service` to its newest revision, policies and grants.

    Raises: OperatorError when the role of requests is missing, or could step around the policies.
    """
    async with database.engine.begin() as connection:
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await _check(connection, database.request_role)
        await connection.run_sync(_upgrade, service, database.request_role)
    await database.read_seal()


async def _check(connection: AsyncConnection, role: str) -> None:
    found = (await connection.execute(_ROLE, {"role": role})).one_or_none()
    if found is None:
        raise OperatorError(
            f"Postgres has no role {role}, in which requests are answered: `vereda up` makes it, and so does"
            " deploy/postgres-init.sh, which may be run again."
        )
    if any(found):
        raise OperatorError(
            f"The role {role} could step around row-level security: it must be neither a superuser, nor BYPASSRLS, nor"
            " a member of the role that owns the database."
        )


_ROLE: Final = text(
    "SELECT rolsuper, rolbypassrls, pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles WHERE rolname = :role"
)


def _upgrade(connection: Connection, service: Path, role: str) -> None:
    command.upgrade(_config(connection, service), "head")
    owner = connection.execute(text("SELECT quote_literal(current_user)")).scalar_one()
    granted = connection.execute(text("SELECT quote_literal(:role)"), {"role": role}).scalar_one()
    functions = _CALLER_FUNCTIONS.replace("{owner}", owner)
    tables = inspect(connection).get_table_names()
    kernel = "".join(policy for table, policy in _KERNEL_POLICIES.items() if table in tables)
    policies = kernel + _policies(service) + _GRANTS.replace("{role}", granted)
    digest = hashlib.sha256((functions + policies).encode()).hexdigest()
    _run_script(connection, functions)
    if not connection.execute(text("SELECT count(*) FROM caller_seal")).scalar_one():
        connection.execute(text("INSERT INTO caller_seal VALUES (:inner, :outer)"), new_seal())
    if connection.execute(text("SELECT digest FROM policy_revision")).scalar() != digest:
        _run_script(connection, policies)
        connection.execute(text("DELETE FROM policy_revision"))
        connection.execute(text("INSERT INTO policy_revision VALUES (:digest)"), {"digest": digest})


def _policies(service: Path) -> str:
    """`policies.sql` of a service, or, of one with many tables, all of its folder `policies` in the order of their names."""
    files = sorted((service / "policies").glob("*.sql")) or [service / "policies.sql"]
    return "\n".join(file.read_text() for file in files)


def _run_script(connection: Connection, script: str) -> None:
    # Several statements in one go are the driver's own `execute(script)`; prepared statements take only one.
    adapted: Any = connection.connection.dbapi_connection
    adapted.run_async(lambda driver: driver.execute(script))


def run_environment(metadata: MetaData) -> None:
    """What each service's `migrations/env.py` calls: Alembic over the connection that `migrate` opened."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        compare_server_default=True,
        include_name=lambda name, kind, _parents: kind != "table" or name not in BOOKKEEPING,
    )
    with context.begin_transaction():
        context.run_migrations()


async def differences(database: Database, metadata: MetaData) -> list[Any]:
    """What the models say and the database does not have, or the other way round (Alembic's operations)."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _parents: kind != "table" or name not in BOOKKEEPING,
    }

    def compare(connection: Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with database.engine.connect() as connection:
        return await connection.run_sync(compare)


async def unprotected_tables(database: Database) -> list[str]:
    """Tables on which row-level security is not enabled and forced; a service has none but the bookkeeping."""
    async with database.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                " AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname"
            )
        )
        return [name for (name,) in rows if name not in BOOKKEEPING]


async def draft_revision(database: Database, service: Path, message: str) -> None:
    """Write a new Alembic revision from the difference between models and a migrated database, for review."""

    def draft(connection: Connection) -> None:
        config = _config(connection, service)
        count = len(list((service / "migrations" / "versions").glob("*.py")))
        command.revision(config, message, autogenerate=True, rev_id=f"{count + 1:04d}")

    async with database.engine.begin() as connection:
        await connection.run_sync(draft)


def _config(connection: Connection, service: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(service / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
