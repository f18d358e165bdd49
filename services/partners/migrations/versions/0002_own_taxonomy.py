"""The network's own taxonomy of services."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from services.partners.domain.taxonomy import SCHEME, TERMS
from vereda.ids import seeded_id

revision = "0002"
down_revision = "0001"

_MADE = datetime(2026, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.execute("SELECT set_config('vereda.scopes', 'system', true)")
    terms = sa.table(
        "taxonomy_terms",
        *(sa.column(name) for name in ("scheme", "code", "name", "name_es", "parent_code")),
        sa.column("id", sa.Uuid()),
    )
    op.bulk_insert(
        terms,
        [
            {
                "id": seeded_id("term", term.code, _MADE),
                "scheme": SCHEME,
                "code": term.code,
                "name": term.name,
                "name_es": term.name_es,
                "parent_code": term.parent,
            }
            for term in TERMS
        ],
    )


def downgrade() -> None:
    op.execute("SELECT set_config('vereda.scopes', 'system', true)")
    op.execute(sa.text("DELETE FROM taxonomy_terms WHERE scheme = :scheme").bindparams(scheme=SCHEME))
