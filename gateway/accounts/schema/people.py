"""Mutations about people."""

from __future__ import annotations

from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from gateway.accounts.operations import members, people
from gateway.accounts.refusals import AlreadyMember, LastAdministrator, RecentSignInNeeded
from gateway.accounts.schema.context import ADMINISTRATORS, Info
from gateway.accounts.schema.queries import organization_of
from gateway.accounts.schema.types import Member
from gateway.store import Role
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound

_ORGANIZATION = "Yours where it is left out; another's needs `admin:network`."
_BY_MAIL = "Whether a link goes to them by mail. You never see it; where no mail is sent, an operator gives it to them."

R = TypeVar("R")


@strawberry.input
class InviteMemberInput:
    organization: strawberry.ID | None = strawberry.field(default=None, description=_ORGANIZATION)
    email: str
    display_name: str = strawberry.field(
        description="What others see; someone known already keeps their own."
    )
    role: Role
    locale: str = strawberry.field(default="en", description="Language of mails and pages: `en` or `es`.")
    organization_name: str | None = strawberry.field(
        default=None,
        description="What the sign-in pages call the organisation; for a network coordinator to say.",
    )

    def parsed(self) -> people.Invited:
        return people.Invited(
            email=self.email,
            display_name=self.display_name,
            role=self.role,
            locale=self.locale,
            organization_name=self.organization_name,
        )


@strawberry.input(description="A member of an organisation.")
class MemberInput:
    organization: strawberry.ID | None = strawberry.field(default=None, description=_ORGANIZATION)
    person_id: strawberry.ID


@strawberry.input
class ChangeMemberRoleInput(MemberInput):
    role: Role


@strawberry.input
class ResetSignInInput(MemberInput):
    factors: bool = strawberry.field(
        default=False,
        description="Their second factors, too: for who lost everything, after you made sure it is them.",
    )


@strawberry.type
class MemberInvited:
    member: Member
    by_mail: bool = strawberry.field(description=_BY_MAIL)


@strawberry.type
class MemberChanged:
    member: Member


@strawberry.type
class SignInReset:
    member: Member
    by_mail: bool = strawberry.field(description=_BY_MAIL)


InviteMemberPayload = Annotated[
    MemberInvited | AlreadyMember | InvalidInput | NotAllowed | RecentSignInNeeded,
    strawberry.union("InviteMemberPayload"),
]
ChangeMemberRolePayload = Annotated[
    MemberChanged | LastAdministrator | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("ChangeMemberRolePayload"),
]
EndMembershipPayload = Annotated[
    MemberChanged | LastAdministrator | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("EndMembershipPayload"),
]
EndMemberSessionsPayload = Annotated[
    MemberChanged | NotFound | NotAllowed | RecentSignInNeeded, strawberry.union("EndMemberSessionsPayload")
]
DisablePersonPayload = Annotated[
    MemberChanged | LastAdministrator | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("DisablePersonPayload"),
]
EnablePersonPayload = Annotated[
    MemberChanged | NotFound | NotAllowed | RecentSignInNeeded, strawberry.union("EnablePersonPayload")
]
ResetSignInPayload = Annotated[
    SignInReset | NotFound | NotAllowed | RecentSignInNeeded, strawberry.union("ResetSignInPayload")
]


@strawberry.type
class PeopleMutation:
    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Make somebody a member, and send them a link to join. The same again sends a new link.",
    )
    async def invite_member(self, info: Info, input: InviteMemberInput) -> InviteMemberPayload | None:
        done = await people.invite(info.context, organization_of(input.organization), input.parsed())
        if isinstance(done, people.Linked):
            return MemberInvited(member=Member.of(done.member), by_mail=done.by_mail)
        return done

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Make a member something else; they sign in anew.",
    )
    async def change_member_role(
        self, info: Info, input: ChangeMemberRoleInput
    ) -> ChangeMemberRolePayload | None:
        return _changed(
            await people.change_role(
                info.context, organization_of(input.organization), _person(input), input.role
            )
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Let a member act for the organisation no more. They keep their account.",
    )
    async def end_membership(self, info: Info, input: MemberInput) -> EndMembershipPayload | None:
        return _changed(
            await people.end_membership(info.context, organization_of(input.organization), _person(input))
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Sign a member out everywhere; applications lose what they hold in their name.",
    )
    async def end_member_sessions(self, info: Info, input: MemberInput) -> EndMemberSessionsPayload | None:
        return _changed(
            await people.end_sessions(info.context, organization_of(input.organization), _person(input))
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS, description="Let a person in no more, anywhere."
    )
    async def disable_person(self, info: Info, input: MemberInput) -> DisablePersonPayload | None:
        return _changed(
            await people.disable(info.context, organization_of(input.organization), _person(input))
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS, description="Let a person in again who was disabled."
    )
    async def enable_person(self, info: Info, input: MemberInput) -> EnablePersonPayload | None:
        return _changed(
            await people.enable(info.context, organization_of(input.organization), _person(input))
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="End a person's password and sessions, and send them a link to set a new one.",
    )
    async def reset_sign_in(self, info: Info, input: ResetSignInInput) -> ResetSignInPayload | None:
        done = await people.reset_sign_in(
            info.context, organization_of(input.organization), _person(input), factors=input.factors
        )
        if isinstance(done, people.Linked):
            return SignInReset(member=Member.of(done.member), by_mail=done.by_mail)
        return done


def _person(given: MemberInput) -> UUID:
    return parse_id(given.person_id, "personId")


def _changed(done: members.Member | R) -> MemberChanged | R:
    return MemberChanged(member=Member.of(done)) if isinstance(done, members.Member) else done
