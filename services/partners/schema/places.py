"""Writing places, and whom one trusts with them."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.partners import models
from services.partners.domain.terms import LocationType, Visibility
from services.partners.operations import places
from services.partners.schema.context import Info
from services.partners.schema.types import Location, Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict

_VISIBILITY = (
    "PUBLIC: everybody, exports included; PARTNERS: every member; TRUSTED: the members that you name; OWNER: nobody else."
    " Others are told the town and county."
)


@strawberry.input
class CreateLocationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    name: str
    location_type: LocationType = LocationType.PHYSICAL
    visibility: Visibility = strawberry.field(default=Visibility.PUBLIC, description=_VISIBILITY)
    address_1: str | None = None
    postal_code: str
    description: str | None = None
    transportation: str | None = None
    rural: bool = False

    def parsed(self) -> places.LocationFields:
        given = dict(vars(self))
        del given["idempotency_key"]
        return places.LocationFields(**given)


@strawberry.input(description="The whole of what a place says of itself: what is left out is emptied.")
class UpdateLocationInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    name: str
    location_type: LocationType = LocationType.PHYSICAL
    visibility: Visibility = strawberry.field(description=_VISIBILITY)
    address_1: str | None = None
    postal_code: str
    description: str | None = None
    transportation: str | None = None
    rural: bool = False

    def parsed(self) -> places.LocationFields:
        given = dict(vars(self))
        del given["idempotency_key"], given["id"], given["expected_version"]
        return places.LocationFields(**given)


@strawberry.input
class SetTrustedPartnersInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    partners: list[strawberry.ID] = strawberry.field(
        description="All of them: who is left out is trusted no more."
    )


@strawberry.type
class LocationSaved:
    location: Location


@strawberry.type
class TrustedPartnersSet:
    organization: Organization


_Refused = InvalidInput | NotFound | NotAllowed | VersionConflict
LocationPayload = Annotated[LocationSaved | _Refused, strawberry.union("LocationPayload")]
TrustedPartnersPayload = Annotated[
    TrustedPartnersSet | InvalidInput | NotFound | NotAllowed | VersionConflict,
    strawberry.union("TrustedPartnersPayload"),
]


@strawberry.type
class PlaceMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE), description="Add a place to your organisation."
    )
    async def create_location(self, info: Info, input: CreateLocationInput) -> LocationPayload | None:
        done = await places.create_location(info.context, input.parsed(), input.idempotency_key)
        return LocationSaved(location=Location.of(done)) if isinstance(done, models.Location) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Replace what a place of yours says of itself. Who may know it changes at once.",
    )
    async def update_location(self, info: Info, input: UpdateLocationInput) -> LocationPayload | None:
        done = await places.update_location(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            input.parsed(),
            input.idempotency_key,
        )
        return LocationSaved(location=Location.of(done)) if isinstance(done, models.Location) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say which members may know where your TRUSTED places are.",
    )
    async def set_trusted_partners(
        self, info: Info, input: SetTrustedPartnersInput
    ) -> TrustedPartnersPayload | None:
        partners = [parse_id(one, "partners") for one in input.partners]
        done = await places.set_trusted_partners(info.context, partners, input.idempotency_key)
        if isinstance(done, models.Organization):
            return TrustedPartnersSet(organization=Organization.of(done))
        return done
