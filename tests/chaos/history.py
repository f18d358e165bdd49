"""What was acknowledged, as the callers remember it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class History:
    """Written by those who ask, when they have their answer; read when all is over."""

    clients: list[str] = field(default_factory=list)
    consents: list[str] = field(default_factory=list)
    #: Referral id -> the moves that were acknowledged, in no order: several work on one referral.
    moves: dict[str, Counter[str]] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    #: Referral id -> the consent under which it was sent.
    under: dict[str, str] = field(default_factory=dict)
    seats: int = 0
    #: How often a request had to be sent again, an answer was thrown away, a move was refused.
    notes: Counter[str] = field(default_factory=Counter)

    def sent(self, referral: str, consent: str) -> None:
        self.moves[referral] = Counter({"SEND": 1})
        self.under[referral] = consent

    def told(self) -> str:
        acts = sum((moves for moves in self.moves.values()), Counter[str]())
        return (
            f"{len(self.clients)} clients, {len(self.consents)} consents, {len(self.moves)} referrals, "
            f"{acts.total()} moves, {len(self.revoked)} revocations, {self.seats} seats; "
            + ", ".join(f"{number} {what}" for what, number in sorted(self.notes.items()))
        )
