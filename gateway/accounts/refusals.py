"""Refusals that an administrator can expect, beside those that every service has."""

from __future__ import annotations

from typing import Final

import strawberry

from gateway.accounts.domain.authority import Objection
from vereda.refusals import NotAllowed, Refusal, not_allowed


@strawberry.type(
    description="It is for somebody who has just proven who they are: sign in again, then send again."
)
class RecentSignInNeeded(Refusal):
    pass


@strawberry.type(description="Nobody would be left who administers the organisation.")
class LastAdministrator(Refusal):
    pass


@strawberry.type(description="They are a member already, with another role.")
class AlreadyMember(Refusal):
    pass


@strawberry.type(
    description="There is a system with this client id already, and it is not what you say here."
)
class ClientExists(Refusal):
    pass


#: What the administrator is told.
_WORDS: Final = {
    Objection.ONESELF: "Nobody administers themselves: ask another administrator.",
    Objection.BEYOND: "This holds rights that you may neither give nor take: ask a network coordinator.",
    Objection.ELSEWHERE: "They work for other organisations, too: end their membership in yours, or ask a network"
    " coordinator.",
    Objection.IN_PERSON: "Second factors are reset by a network coordinator in person, after making sure who asks.",
    Objection.FOR_PEOPLE: "An application that people sign in through does not administer: ask a network coordinator.",
    Objection.APART: (
        "One system never has both `grant:review` and `grant:pay`, nor both `legal:counsel` and `legal:direct`: register two."
    ),
    Objection.BY_NETWORK: "The network disabled this: ask a network coordinator.",
}


def refused(objection: Objection) -> NotAllowed | RecentSignInNeeded:
    """The refusal that tells `objection`."""
    if objection is Objection.PROOF:
        return RecentSignInNeeded(
            code="RECENT_SIGN_IN_NEEDED",
            message="Prove who you are once more: sign in again, then send this again within five minutes.",
        )
    return not_allowed(_WORDS[objection])


def last_administrator() -> LastAdministrator:
    return LastAdministrator(
        code="LAST_ADMINISTRATOR",
        message="Nobody else administers this organisation: invite another administrator first, and let them join.",
    )


def client_exists() -> ClientExists:
    return ClientExists(
        code="CLIENT_EXISTS",
        message="There is a system with this client id already: use `changeApiClient`, or choose another id.",
    )


def already_member() -> AlreadyMember:
    return AlreadyMember(
        code="ALREADY_MEMBER",
        message="They are a member with another role already: use `changeMemberRole`.",
    )
