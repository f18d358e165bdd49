"""An organisation's compartment in the graph: keys, and notes that open with what the organisation alone holds (R15)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.operations import privileged
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.mapping import from_row
from vereda.pagination import Connection
from vereda.refusals import InvalidInput, NotFound


@strawberry.type(description="A public key of your organisation, to seal privileged notes to.")
class CompartmentKey:
    thumbprint: str = strawberry.field(
        description="SHA-256 (RFC 7638). Compare it with your own before you seal to the key."
    )
    jwk: str = strawberry.field(description="The public JWK (RFC 7517).")
    registered_at: datetime

    @classmethod
    def of(cls, row: models.CompartmentKey) -> CompartmentKey:
        return from_row(cls, row)


@strawberry.type(description="A note that your organisation alone can open.")
class PrivilegedNote:
    id: strawberry.ID
    author: strawberry.ID
    thumbprint: str = strawberry.field(description="The key that opens it.")
    sealed: str = strawberry.field(description="A JWE, compact (RFC 7516).")
    written_at: datetime

    @classmethod
    def of(cls, row: models.PrivilegedNote) -> PrivilegedNote:
        return from_row(cls, row)


@strawberry.input
class RegisterCompartmentKeyInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    jwk: str = strawberry.field(description="A public JWK on P-256 or X25519. Never send the private half.")


@strawberry.input
class WritePrivilegedNoteInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    sealed: str = strawberry.field(
        description="A JWE, compact: ECDH-ES+A256KW, A256GCM, `kid` the thumbprint of a key of yours."
    )


@strawberry.type
class CompartmentKeyRegistered:
    key: CompartmentKey


@strawberry.type
class PrivilegedNoteWritten:
    note: PrivilegedNote


RegisterCompartmentKeyPayload = Annotated[
    CompartmentKeyRegistered | InvalidInput, strawberry.union("RegisterCompartmentKeyPayload")
]
WritePrivilegedNotePayload = Annotated[
    PrivilegedNoteWritten | InvalidInput | NotFound, strawberry.union("WritePrivilegedNotePayload")
]


@strawberry.type
class PrivilegedMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_ORGANIZATION),
        description="Register a public key of your organisation for privileged notes (R15).",
    )
    async def register_compartment_key(
        self, info: Info, input: RegisterCompartmentKeyInput
    ) -> RegisterCompartmentKeyPayload | None:
        done = await privileged.register_key(info.context, input.jwk, input.idempotency_key)
        if isinstance(done, models.CompartmentKey):
            return CompartmentKeyRegistered(key=CompartmentKey.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Keep a note that you sealed to a key of your organisation: nobody here can open it (R15).",
    )
    async def write_privileged_note(
        self, info: Info, input: WritePrivilegedNoteInput
    ) -> WritePrivilegedNotePayload | None:
        given = privileged.NoteFields(referral=parse_id(input.referral, "referral"), sealed=input.sealed)
        done = await privileged.write_note(info.context, given, input.idempotency_key)
        if isinstance(done, models.PrivilegedNote):
            return PrivilegedNoteWritten(note=PrivilegedNote.of(done))
        return done


@strawberry.type
class PrivilegedQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Your organisation's privileged notes of a referral, as they were sealed, the newest first.",
    )
    async def privileged_notes(
        self, info: Info, referral: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[PrivilegedNote] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        statement = privileged.notes_of(parse_id(referral, "referral"))
        return await listed(info.context, statement, privileged.NOTE_ORDER, first, after, PrivilegedNote.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ, Scope.ADMIN_ORGANIZATION),
        description="Your organisation's keys for privileged notes.",
    )
    async def compartment_keys(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[CompartmentKey] | None:
        info.context.caller.require(Scope.CLIENT_READ, Scope.ADMIN_ORGANIZATION)
        statement = privileged.own_keys()
        return await listed(info.context, statement, privileged.KEY_ORDER, first, after, CompartmentKey.of)
