"""Both parties' own identifiers and clients' safe hours, sealed: what was stored in clear is sealed here, and goes.

It takes the installation's own master key, which is where the service's is (`VEREDA_HOME/secrets`). Where that key is not
at hand, what is stored cannot be sealed: the migration then stops, and nothing is lost.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.sealing import LocalKeyProvider, SealBrokenError, new_key, seal
from vereda.secrets import Secrets
from vereda.settings import load_settings

revision = "0002"
down_revision = "0001"

_BATCH = 500


def upgrade() -> None:
    op.add_column("clients", sa.Column("safe_hours_sealed", sa.LargeBinary(), nullable=True))
    for name in ("placer_id", "filler_id"):
        op.add_column("referrals", sa.Column(f"{name}_sealed", sa.LargeBinary(), nullable=True))
        op.add_column("referrals", sa.Column(f"{name}_index", sa.String(length=32), nullable=True))
    connection = op.get_bind()
    connection.execute(sa.text("SELECT set_config('vereda.scopes', 'system', true)"))
    _seal_safe_hours(connection)
    _seal_identifiers(connection)
    op.drop_column("clients", "safe_hours")
    op.drop_column("referrals", "placer_id")
    op.drop_column("referrals", "filler_id")
    op.create_index(
        op.f("ix_referrals_sender_id_placer_id_index"), "referrals", ["sender_id", "placer_id_index"]
    )
    op.create_index(
        op.f("ix_referrals_recipient_id_filler_id_index"), "referrals", ["recipient_id", "filler_id_index"]
    )
    op.create_index(
        "uq_data_keys_referral_id_key_group",
        "data_keys",
        ["referral_id", "key_group"],
        unique=True,
        postgresql_where=sa.text("referral_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_data_keys_referral_id_key_group", table_name="data_keys")
    op.drop_index(op.f("ix_referrals_recipient_id_filler_id_index"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_sender_id_placer_id_index"), table_name="referrals")
    for name in ("filler_id", "placer_id"):
        op.drop_column("referrals", f"{name}_index")
        op.drop_column("referrals", f"{name}_sealed")
        op.add_column("referrals", sa.Column(name, sa.String(length=120), nullable=True))
    op.drop_column("clients", "safe_hours_sealed")
    op.add_column("clients", sa.Column("safe_hours", sa.Text(), nullable=True))


def _master_key() -> LocalKeyProvider:
    secrets = Secrets(load_settings().home / "secrets")
    if not (secrets.folder / "client-master-key").exists():
        raise OperatorError(
            f"Identifiers are stored that are to be sealed, and {secrets.folder} holds no client-master-key: start the"
            " service once with the VEREDA_HOME that it had so far."
        )
    return LocalKeyProvider(secrets, "client-master-key")


def _rows(connection: sa.Connection, statement: str) -> Iterator[list[Any]]:
    """Batches of the rows that `statement` finds: it finds fewer each time, since what is done is set to NULL."""
    while rows := list(connection.execute(sa.text(f"{statement} LIMIT {_BATCH}"))):
        yield rows


def _seal_safe_hours(connection: sa.Connection) -> None:
    found = (
        "SELECT c.id, c.safe_hours, k.wrapped FROM clients c LEFT JOIN data_keys k ON k.client_id = c.id"
        " AND k.key_group = 'CONTACT' WHERE c.safe_hours IS NOT NULL"
    )
    done = sa.text("UPDATE clients SET safe_hours = NULL, safe_hours_sealed = :sealed WHERE id = :id")
    for rows in _rows(connection, found):
        keys = _master_key()
        connection.execute(done, [{"id": row.id, "sealed": _sealed_hours(keys, row.id, row)} for row in rows])


def _sealed_hours(keys: LocalKeyProvider, client: UUID, row: Any) -> bytes | None:
    """None for a client who was erased: of them nothing is kept."""
    context = client.bytes + b"CONTACT"
    if row.wrapped is None:
        return None
    try:
        return seal(keys.unwrap(row.wrapped, context), row.safe_hours, context)
    except SealBrokenError:
        raise OperatorError(
            "The client-master-key in VEREDA_HOME/secrets is not the one that clients were sealed with."
        ) from None


def _seal_identifiers(connection: sa.Connection) -> None:
    found = (
        "SELECT id, client_id, sender_id, recipient_id, state, placer_id, filler_id FROM referrals"
        " WHERE placer_id IS NOT NULL OR filler_id IS NOT NULL"
    )
    key_made = sa.text(
        "INSERT INTO data_keys (id, client_id, referral_id, key_group, wrapped)"
        " VALUES (:key_id, :client_id, :id, 'REFERENCE', :wrapped)"
    )
    done = sa.text(
        "UPDATE referrals SET placer_id = NULL, filler_id = NULL, placer_id_sealed = :placer_id_sealed,"
        " placer_id_index = :placer_id_index, filler_id_sealed = :filler_id_sealed,"
        " filler_id_index = :filler_id_index WHERE id = :id"
    )
    for rows in _rows(connection, found):
        keys = _master_key()
        sealed = [_sealed_identifiers(keys, row) for row in rows]
        connection.execute(key_made, sealed)
        connection.execute(done, sealed)


def _sealed_identifiers(keys: LocalKeyProvider, row: Any) -> dict[str, Any]:
    key, context = new_key(), row.client_id.bytes + b"REFERENCE" + row.id.bytes
    values: dict[str, Any] = {
        "id": row.id,
        "client_id": row.client_id,
        "key_id": new_id(),
        "wrapped": keys.wrap(key, context),
    }
    for name, owner in (("placer", row.sender_id), ("filler", row.recipient_id)):
        value = getattr(row, f"{name}_id")
        values[f"{name}_id_sealed"] = None if value is None else seal(key, value, context)
        values[f"{name}_id_index"] = None if value is None else keys.blind_index(owner, f"{name}\x00{value}")
    return values
