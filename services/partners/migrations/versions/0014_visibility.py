"""Places that are kept back (R17): whom their owners trust, and rows that hold nothing nearer than the town."""

import sqlalchemy as sa
from alembic import op

from services.partners.domain.geography import town_centre

revision = "0014"
down_revision = "0013"

_AS_SYSTEM = (
    "SELECT set_config('vereda.scopes', 'system', true),"
    " set_config('vereda.organization', '00000000-0000-0000-0000-000000000000', true)"
)

# Whoever writes the row, and however: its ZIP code stands with the address, which has policies of its own. Coordinates that
# were there before a place was kept back do not outlive that; who keeps it back gives those of the town.
_VAGUE = """
CREATE FUNCTION keep_place_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.visibility NOT IN ('PUBLIC', 'PARTNERS') THEN
    NEW.postal_code := NULL;
    IF TG_OP = 'UPDATE' AND OLD.visibility IN ('PUBLIC', 'PARTNERS')
      AND (NEW.latitude, NEW.longitude) IS NOT DISTINCT FROM (OLD.latitude, OLD.longitude)
    THEN
      NEW.latitude := NULL;
      NEW.longitude := NULL;
    END IF;
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "trusted_partners",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("trusted_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], ["organizations.id"], name=op.f(f"fk_trusted_partners_{column}_organizations")
            )
            for column in ("organization_id", "trusted_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "trusted_id", name=op.f("pk_trusted_partners")),
    )
    op.create_index(op.f("ix_trusted_partners_trusted_id"), "trusted_partners", ["trusted_id"])
    op.execute(_AS_SYSTEM)
    kept_back = sa.text(
        "SELECT id, city, state_province FROM locations WHERE visibility NOT IN ('PUBLIC', 'PARTNERS')"
    )
    connection = op.get_bind()
    for id_, city, state in connection.execute(kept_back).all():
        centre = town_centre(city, state or "CA") if city else None
        connection.execute(
            sa.text(
                "UPDATE locations SET postal_code = NULL, latitude = :latitude, longitude = :longitude WHERE id = :id"
            ),
            {
                "id": id_,
                "latitude": centre.latitude if centre else None,
                "longitude": centre.longitude if centre else None,
            },
        )
    connection.exec_driver_sql(_VAGUE)
    op.execute(
        "CREATE TRIGGER keep_place_back BEFORE INSERT OR UPDATE ON locations FOR EACH ROW"
        " EXECUTE FUNCTION keep_place_back()"
    )
    op.create_check_constraint(
        "kept_back", "locations", "visibility IN ('PUBLIC', 'PARTNERS') OR postal_code IS NULL"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_locations_kept_back"), "locations")
    op.execute("DROP TRIGGER keep_place_back ON locations")
    op.execute("DROP FUNCTION keep_place_back")
    op.drop_table("trusted_partners")
