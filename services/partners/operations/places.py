"""Where organisations are: places, who may know them, and whom their owners trust (R17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.geography import postal_code
from services.partners.domain.terms import LocationType, Visibility
from services.partners.domain.visibility import told
from services.partners.events import tell
from services.partners.models import Address, IdempotencyRecord, Location, Organization, TrustedPartner
from services.partners.operations.keeping import Change, Refused, added, changed, own
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import among
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict, invalid

MOST_TRUSTED: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationFields:
    name: str
    location_type: LocationType = LocationType.PHYSICAL
    visibility: Visibility = Visibility.PUBLIC
    address_1: str | None = None
    postal_code: str
    description: str | None = None
    transportation: str | None = None
    rural: bool = False


async def create_location(
    context: RequestContext[Any], fields_: LocationFields, key: str
) -> Location | Refused:
    """Add a place to the caller's own organisation; its town, county and coordinates follow from its ZIP code."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "createLocation", key, asdict(fields_)
        )
        if claim.earlier is not None:
            return await session.get_one(Location, UUID(claim.earlier["id"]))
        if problems := _problems(fields_):
            return invalid(**problems)
        row = Location(organization_id=context.caller.organization, **_columns(fields_))
        session.add(row)
        await session.flush()
        await _set_address(session, row, fields_)
        return await added(session, context.caller, row, claim.record, "location.created")


async def update_location(
    context: RequestContext[Any], id_: UUID, version: int, fields_: LocationFields, key: str
) -> Location | Refused:
    """Replace what a place of the caller's own says of itself, who may know it among that: at once, on every way to it."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if problems := _problems(fields_):
        return invalid(**problems)
    async with context.write() as session:
        found = await own(session, context, Location, id_, version, "updateLocation", key, fields_)
        if not isinstance(found, Change):
            return found
        await _set_address(session, found.row, fields_)
        return await changed(session, context, found, _columns(fields_), "location.updated")


async def set_trusted_partners(
    context: RequestContext[Any], partners: Sequence[UUID], key: str
) -> Organization | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Say, all at once, which members may know where one's own TRUSTED places are. Who is left out may no longer."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    own_id, wanted = context.caller.organization, set(partners)
    async with context.write() as session:
        asked = sorted(map(str, wanted))
        claim = await claim_key(session, IdempotencyRecord, context.caller, "setTrustedPartners", key, asked)
        row = await session.get_one(Organization, own_id)
        if claim.earlier is not None:
            return row
        known = set(await session.scalars(select(Organization.id).where(among(Organization.id, wanted))))
        if wanted - known or own_id in wanted or len(wanted) > MOST_TRUSTED:
            return invalid(partners=f"must be other members of the network, at most {MOST_TRUSTED}")
        await session.execute(
            delete(TrustedPartner).where(
                TrustedPartner.organization_id == own_id, TrustedPartner.trusted_id.not_in(wanted)
            )
        )
        if wanted:
            rows = [{"organization_id": own_id, "trusted_id": one} for one in sorted(wanted)]
            await session.execute(insert(TrustedPartner).on_conflict_do_nothing(), rows)
        tell(session, context.caller, "organization.trusts", own_id, wanted, id=str(own_id))
        claim.record({"id": str(own_id)})
        return row


async def trusting(session: AsyncSession, owners: Collection[UUID], reader: UUID) -> set[UUID]:
    """Which of these organisations trust `reader`; itself among them."""
    rows = await session.scalars(
        select(TrustedPartner.organization_id).where(
            among(TrustedPartner.organization_id, owners), TrustedPartner.trusted_id == reader
        )
    )
    return set(rows) | {reader}


def _problems(given: LocationFields) -> dict[str, str]:
    problems = {}
    if postal_code(given.postal_code) is None:
        problems["postal_code"] = "is not a US ZIP code"
    if given.location_type is LocationType.PHYSICAL and not given.address_1:
        problems["address_1"] = "is needed for a physical place; choose `visibility` to keep it back"
    return problems


def _columns(given: LocationFields) -> dict[str, Any]:
    zip_code = postal_code(given.postal_code)
    assert zip_code is not None
    return {
        "name": given.name,
        "location_type": given.location_type,
        "visibility": given.visibility,
        "description": given.description,
        "transportation": given.transportation,
        "rural": given.rural,
        "city": zip_code.city,
        "state_province": zip_code.state,
        "county_fips": zip_code.county,
        **told(given.visibility, zip_code),
    }


async def _set_address(session: AsyncSession, row: Location, given: LocationFields) -> None:
    """The physical address, and with it the ZIP code: under policies of its own."""
    zip_code = postal_code(given.postal_code)
    assert zip_code is not None
    address = await session.scalar(
        select(Address).where(Address.location_id == row.id, Address.address_type == "physical")
    )
    if not given.address_1:
        if address is not None:
            await session.delete(address)
        return
    if address is None:
        address = Address(organization_id=row.organization_id, location_id=row.id)
        session.add(address)
    address.address_1 = given.address_1
    address.city, address.state_province, address.postal_code = (zip_code.city, zip_code.state, zip_code.code)
