"""Slows guessing at people's accounts: by account and network, by account, and by network (`gateway.backoff`).

Nobody is locked out for an attacker's benefit: somebody who guesses at an account from elsewhere makes its person wait a
minute between passwords at most, and a passkey, which cannot be guessed, never waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.backoff import Backoff, Reservation, network_of

#: Failures before anybody waits: at one account from one network, at one account from everywhere, at all accounts from
#: one network (people of a clinic share an address), at the second factor, at links for new passwords.
FREE_HERE: Final = 5
FREE_AT_ACCOUNT: Final = 20
FREE_FROM_NETWORK: Final = 100
FREE_AT_FACTOR: Final = 5
FREE_LINKS: Final = 20


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that may be one. It may be tried when `wait_s` is 0, and counts as wrong until it was right."""

    wait_s: float
    _about: tuple[Reservation, ...] = ()
    _network: Reservation | None = None

    async def was_right(self) -> None:
        for one in self._about:
            await one.succeeded()
        if self._network is not None:  # others' wrong guesses from there are not forgotten for it
            await self._network.does_not_count()


class Guessing:
    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff

    async def password(self, email: str, address: str) -> Guess:
        """At the password of `email`, which may be nobody's: it makes no difference."""
        account, network = email.strip().lower()[:254], network_of(address)
        here = await self._backoff.reserve("person", account, network, free=FREE_HERE)
        if here.wait_s:
            return Guess(here.wait_s)
        everywhere = await self._backoff.reserve("account", account, free=FREE_AT_ACCOUNT)
        if everywhere.wait_s:
            return Guess(everywhere.wait_s)
        anybody = await self._backoff.reserve("network", network, free=FREE_FROM_NETWORK)
        return Guess(anybody.wait_s, (here, everywhere), anybody)

    async def factor(self, person: UUID) -> Guess:
        """At a code of somebody whose password is known already: wherever from, it is one account."""
        reserved = await self._backoff.reserve("factor", str(person), free=FREE_AT_FACTOR)
        return Guess(reserved.wait_s, (reserved,))

    async def links(self, address: str) -> Guess:
        """Letters that somebody has sent to accounts that may be theirs."""
        reserved = await self._backoff.reserve("links", network_of(address), free=FREE_LINKS)
        return Guess(reserved.wait_s)
