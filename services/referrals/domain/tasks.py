"""What an organisation still has to do about a referral, beyond answering it: its work list."""

from __future__ import annotations

from enum import StrEnum


class TaskKind(StrEnum):
    """What is to be done. Each is closed by what the referral does next, not by being ticked off."""

    #: It expired or was declined: choose who else could help.
    REMATCH = "REMATCH"
    #: The two sides say different things about how it ended.
    RESOLVE_DISPUTE = "RESOLVE_DISPUTE"
    #: The other side wants to take a completed referral up again.
    AGREE_REOPENING = "AGREE_REOPENING"
    #: A place is free, and this one is the next who waits.
    PROMOTE = "PROMOTE"
    #: The client has waited for long: ask whether they still want to.
    REVALIDATE = "REVALIDATE"
    #: The workshop at which a seat was booked was called off, or is announced no more: tell the client, and book another.
    REBOOK = "REBOOK"
    #: The workshop is at another time or place: tell the client.
    TELL_NEW_TIME = "TELL_NEW_TIME"
    #: The recipient reported an end: say whether it is so.
    CONFIRM_OUTCOME = "CONFIRM_OUTCOME"
