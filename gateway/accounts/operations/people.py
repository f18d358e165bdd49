"""Acts on the people of an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select

from gateway.accounts.domain.authority import (
    Act,
    Objection,
    Reach,
    objection_to_person,
    objection_to_role,
)
from gateway.accounts.operations.acting import Acting, acting, administered
from gateway.accounts.operations.members import (
    Member,
    described,
    invited,
    is_last_administrator,
    memberships_of,
    person_with,
)
from gateway.accounts.refusals import (
    AlreadyMember,
    LastAdministrator,
    RecentSignInNeeded,
    already_member,
    last_administrator,
    refused,
)
from gateway.people import register
from gateway.people.invitations import LASTS, Purpose
from gateway.store import Invitation, Membership, Person, Role
from vereda.context import RequestContext
from vereda.errors import OperatorError
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found

Refused = NotFound | NotAllowed | RecentSignInNeeded

_LONGEST_NAME: Final = 200
#: No organisation fills the mailboxes of strangers: so many may be invited who have not joined.
MOST_INVITED: Final = 200
#: A link that was sent so lately is not replaced by another: the same request again is most likely a repetition.
_JUST_NOW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Somebody who is to join. `email`, `display_name`: what others see and write to; `locale`: their language."""

    email: str
    display_name: str
    role: Role
    locale: str = "en"
    organization_name: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A member, and whether a link goes to them by mail; False where they need none, or no mail is sent."""

    member: Member
    by_mail: bool


async def invite(
    context: RequestContext[Any], organization: UUID | None, given: Invited
) -> Linked | InvalidInput | NotAllowed | RecentSignInNeeded | AlreadyMember:
    """Make somebody a member, and send them a link to set a password if they have none. The same again sends a new one,
    but not within a minute."""
    chosen = administered(context, organization)
    if wrong := _problems(given):
        return invalid(**wrong)
    async with acting(context, chosen) as act:
        known = await person_with(act.session, given.email.strip())
        role = await _role(act, known)
        if role not in (None, given.role):
            return already_member()
        person = str(known) if known is not None else None
        if objection := objection_to_role(act.who, Act.INVITE, person, now=role, then=given.role):
            return refused(objection)
        if known is not None and role is given.role and await _sent_just_now(act, known, Purpose.JOIN):
            return Linked(await _shown(act, known), context.loaders.post.goes_out)
        if role is None and await invited(act.session, chosen) >= MOST_INVITED:
            return not_allowed(
                f"{MOST_INVITED} people are invited and have not joined: wait, or end some memberships."
            )
        invitee = await register.add_person(
            act.session,
            email=given.email,
            display_name=given.display_name,
            organization=chosen,
            role=given.role,
            by=act.who.subject,
            organization_name=given.organization_name if act.who.reach is Reach.NETWORK else None,
            locale=given.locale,
        )
        member = await _shown(act, invitee.person_id)
        act.done()
    token = invitee.token
    by_mail = token is not None and context.loaders.post.invitation(invitee.person_id, token)
    return Linked(member, by_mail)


async def change_role(
    context: RequestContext[Any], organization: UUID | None, person: UUID, role: Role
) -> Member | Refused | LastAdministrator:
    """Make a member something else. Their sessions for the organisation end."""
    async with acting(context, administered(context, organization)) as act:
        now = await _role_for(act, Act.CHANGE_ROLE, person, then=role)
        if not isinstance(now, Role):
            return now
        if role is not now and await is_last_administrator(act.session, person, act.organization):
            return last_administrator()
        await register.set_role(act.session, person, act.organization, role, by=act.who.subject)
        return await _done(act, person)


async def end_membership(
    context: RequestContext[Any], organization: UUID | None, person: UUID
) -> Member | Refused | LastAdministrator:
    """Let somebody act for the organisation no more. The member as they were is answered."""
    async with acting(context, administered(context, organization)) as act:
        now = await _role_for(act, Act.END_MEMBERSHIP, person)
        if not isinstance(now, Role):
            return now
        if await is_last_administrator(act.session, person, act.organization):
            return last_administrator()
        await register.end_membership(act.session, person, act.organization, by=act.who.subject)
        return await _done(act, person)


async def end_sessions(
    context: RequestContext[Any], organization: UUID | None, person: UUID
) -> Member | Refused:
    """Sign a member out of the organisation everywhere, with all that applications hold in their name for it."""
    async with acting(context, administered(context, organization)) as act:
        now = await _role_for(act, Act.END_SESSIONS, person)
        if not isinstance(now, Role):
            return now
        await register.end_sessions(act.session, person, act.organization, by=act.who.subject)
        return await _done(act, person)


async def disable(
    context: RequestContext[Any], organization: UUID | None, person: UUID
) -> Member | Refused | LastAdministrator:
    """Let somebody in no more, anywhere."""
    async with acting(context, administered(context, organization)) as act:
        if (no := await _refusal(act, Act.DISABLE_PERSON, person)) is not None:
            return no
        for organization_id in await memberships_of(act.session, person):
            if await is_last_administrator(act.session, person, organization_id):
                return last_administrator()
        by_network = act.who.reach is Reach.NETWORK
        await register.disable(act.session, person, by=act.who.subject, by_network=by_network)
        return await _done(act, person)


async def enable(context: RequestContext[Any], organization: UUID | None, person: UUID) -> Member | Refused:
    """Let somebody in again."""
    async with acting(context, administered(context, organization)) as act:
        if (no := await _refusal(act, Act.ENABLE_PERSON, person)) is not None:
            return no
        await register.enable(act.session, person, by=act.who.subject)
        return await _done(act, person)


async def reset_sign_in(
    context: RequestContext[Any], organization: UUID | None, person: UUID, *, factors: bool
) -> Linked | Refused:
    """End somebody's password (and second factors), and send them a link to set a new one."""
    async with acting(context, administered(context, organization)) as act:
        what = Act.RESET_FACTORS if factors else Act.RESET_SIGN_IN
        if (no := await _refusal(act, what, person)) is not None:
            return no
        if not context.loaders.post.goes_out:
            return not_allowed(
                "This network sends no mail: an operator resets it, by `vereda oauth person reset`."
            )
        found = await act.session.get_one(Person, person)
        if found.password_hash is None and found.external_subject is not None:
            return not_allowed("They sign in with your organisation's own provider: it is reset there.")
        if found.password_hash is None and await _sent_just_now(act, person, Purpose.RESET) and not factors:
            return Linked(await _shown(act, person), by_mail=True)
        token = await register.reset(act.session, person, by=act.who.subject, factors=factors)
        member = await _shown(act, person)
        act.done()
    return Linked(member, context.loaders.post.new_password(person, token))


async def _role_for(act: Acting, what: Act, person: UUID, *, then: Role | None = None) -> Role | Refused:
    """What a member is, if the administrator may do this to the membership, after which they are `then`."""
    now = await _role(act, person)
    if now is None:
        return not_found("member")
    objection = objection_to_role(act.who, what, str(person), now=now, then=then)
    return now if objection is None else refused(objection)


async def _refusal(act: Acting, what: Act, person: UUID) -> Refused | None:
    """Why the administrator may not do this to the whole person; None when they may."""
    if await _role(act, person) is None:
        return not_found("member")
    found = await act.session.get_one(Person, person)
    objection: Objection | None = objection_to_person(
        act.who,
        what,
        str(person),
        await memberships_of(act.session, person),
        disabled_by_network=found.disabled_by_network,
    )
    return None if objection is None else refused(objection)


async def _sent_just_now(act: Acting, person: UUID, purpose: Purpose) -> bool:
    """Whether a link that is still good was made within the last minute. Index: ix_invitations_person_id."""
    since = datetime.now(UTC) - _JUST_NOW + LASTS[purpose]
    return bool(
        await act.session.scalar(
            select(
                exists().where(
                    Invitation.person_id == person,
                    Invitation.purpose == purpose.value,
                    Invitation.used_at.is_(None),
                    Invitation.expires_at > since,
                )
            )
        )
    )


async def _role(act: Acting, person: UUID | None) -> Role | None:
    """What the person is in the organisation; None when they are no member of it."""
    membership = None if person is None else await act.member(person)
    return None if membership is None or membership.ended_at is not None else membership.role


async def _done(act: Acting, person: UUID) -> Member:
    act.done()
    return await _shown(act, person)


async def _shown(act: Acting, person: UUID) -> Member:
    await act.session.flush()
    membership = await act.session.get_one(Membership, (person, act.organization))
    [member] = await described(act.session, [membership])
    return member


def _problems(given: Invited) -> dict[str, str]:
    wrong = {}
    try:
        register.checked_email(given.email)
    except OperatorError:
        wrong["email"] = "must be written name@example.org"
    if not 1 <= len(given.display_name.strip()) <= _LONGEST_NAME:
        wrong["display_name"] = f"must have 1 to {_LONGEST_NAME} characters"
    if given.locale not in register.LOCALES:
        wrong["locale"] = f"must be one of {', '.join(register.LOCALES)}"
    return wrong
