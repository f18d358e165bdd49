"""Whether an audit is whole: every leaf, every root, every signature, made again from what is there.

The rows come in the order of their sequence, from a database or from an export (`reading`); each is looked at once, and
nothing is kept of it but its hash, so that a log of millions needs no memory.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from vereda.audit.checkpoints import Checkpoint, CheckpointRefusedError, read
from vereda.audit.entries import canonical, leaf_of
from vereda.audit.tree import HASH_BYTES, Frontier

if TYPE_CHECKING:
    from vereda.audit.reading import Source


class Problem(StrEnum):
    """What can be wrong. Stable: scripts match on it."""

    SEQUENCE_BROKEN = "SEQUENCE_BROKEN"
    """A leaf is missing before this one, or this one is there twice."""
    ENTRY_MISSING = "ENTRY_MISSING"
    """A leaf's entry was removed."""
    ENTRY_CHANGED = "ENTRY_CHANGED"
    """An entry, its place or its hash is not what it was."""
    ENTRY_FORGED = "ENTRY_FORGED"
    """An entry was not written by this installation."""
    TREE_CHANGED = "TREE_CHANGED"
    """The stored hashes of the tree are not what the leaves make."""
    CHECKPOINT_BROKEN = "CHECKPOINT_BROKEN"
    """The log does not have the root that was signed, or the signature is not ours."""
    END_MISSING = "END_MISSING"
    """A checkpoint was signed for more than is there: the end was cut off."""
    NOT_SEALED = "NOT_SEALED"
    """An entry is neither in the tree nor waiting for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`at`: the sequence of the leaf, the size of the checkpoint, or the entry's id."""

    problem: Problem
    at: int | str


@dataclass(frozen=True, slots=True)
class Sealed:
    """One leaf as it is stored, with its entry as `Entry.said` has it; None where that is gone."""

    sequence: int
    nodes: bytes
    entry: dict[str, Any] | None


@dataclass(slots=True)
class Verification:
    """Takes leaves in order, and then says what was found.

    `checkpoints`: those that are to hold, whoever kept them, their signatures checked. `key`: of the entries' MACs, where
    it is at hand. `frontier`, `previous`: where a log is looked at from its middle, the tree before it and its last leaf.
    """

    checkpoints: Iterable[Checkpoint] = ()
    key: bytes | None = None
    frontier: Frontier = field(default_factory=Frontier)
    previous: bytes | None = None
    findings: list[Finding] = field(default_factory=list)
    most_findings: int = 100
    _expected: dict[int, set[bytes]] = field(default_factory=dict, init=False)
    _next: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._next = self.frontier.size
        for one in self.checkpoints:
            self.expect(one)

    def take(self, leaf: Sealed) -> None:
        """Look at the next leaf. After a gap it goes on from the leaf's own place, so that one mistake is told once."""
        if leaf.sequence != self._next:
            self._found(Problem.SEQUENCE_BROKEN, leaf.sequence)
        self._next = leaf.sequence + 1
        stored = leaf.nodes[:HASH_BYTES]
        if leaf.entry is None:
            self._found(Problem.ENTRY_MISSING, leaf.sequence)
        elif leaf_of(leaf.entry, leaf.sequence, self.previous) != stored:
            self._found(Problem.ENTRY_CHANGED, leaf.sequence)
        if leaf.entry is not None and not self._ours(leaf.entry):
            self._found(Problem.ENTRY_FORGED, leaf.sequence)
        if b"".join(self.frontier.add(stored)) != leaf.nodes:
            self._found(Problem.TREE_CHANGED, leaf.sequence)
        self.previous = stored
        self._compare(self.frontier.size, self.frontier.root if self.frontier.size in self._expected else b"")

    def unsealed(self, id_: str, entry: dict[str, Any] | None, *, waiting: bool) -> None:
        """An entry that has no leaf; `waiting`: it is in the queue. None: it is only there that it was."""
        if entry is None:
            self._found(Problem.ENTRY_MISSING, id_)
        elif not self._ours(entry):
            self._found(Problem.ENTRY_FORGED, id_)
        elif not waiting:
            self._found(Problem.NOT_SEALED, id_)

    def end(self) -> list[Finding]:
        """There are no more leaves. All findings, in the order in which they were met."""
        for size in sorted(self._expected):
            if size > self.frontier.size:
                self._found(Problem.END_MISSING, size)
        return self.findings

    def expect(self, checkpoint: Checkpoint) -> None:
        """This checkpoint is to hold as well; said before the first leaf."""
        self._expected.setdefault(checkpoint.size, set()).add(checkpoint.root)

    def refuse(self, size: int) -> None:
        """What is stored of a checkpoint is not what was signed, or was not signed by us."""
        self._found(Problem.CHECKPOINT_BROKEN, size)

    def _compare(self, size: int, root: bytes) -> None:
        if any(expected != root for expected in self._expected.get(size, ())):
            self._found(Problem.CHECKPOINT_BROKEN, size)

    def _ours(self, entry: Mapping[str, Any]) -> bool:
        if self.key is None:
            return True
        content = {name: value for name, value in entry.items() if name != "mac"}
        return hmac.compare_digest(hmac.digest(self.key, canonical(content), "sha256").hex(), entry["mac"])

    def _found(self, problem: Problem, at: int | str) -> None:
        if len(self.findings) < self.most_findings:
            self.findings.append(Finding(problem, at))


async def verify(
    source: Source,
    service: str,
    *,
    trusted: Iterable[Mapping[str, Any]] | None,
    held: Iterable[str] = (),
    key: bytes | None = None,
) -> tuple[int, list[Finding]]:
    """How many leaves there are, and all that is wrong.

    `trusted`: the public keys that are known to be the service's, from elsewhere than the audit itself; with None its
    checkpoints are taken by the keys that they name. `held`: statements that somebody kept, which must hold still.
    Raises: CheckpointRefusedError where one of those is none of this service's.
    """
    verification = Verification(key=key)
    stored = await source.checkpoints()
    known = [dict(one) for one in trusted] if trusted is not None else [one.key for one in stored]
    for statement in held:
        verification.expect(read(statement, [*known, *(one.key for one in stored)], service))
    for number, one in enumerate(stored):
        newest = number == len(stored) - 1
        try:
            # A key that signed long ago may be known to nobody any more: that the newest stands on all before it, is seen.
            said = read(one.statement, known if newest else [*known, one.key], service)
        except CheckpointRefusedError:
            verification.refuse(one.size)
            continue
        if (said.size, said.root) != (one.size, one.root):
            verification.refuse(one.size)
        verification.expect(said)
    async for leaf in source.leaves():
        verification.take(leaf)
    for left in await source.unsealed():
        verification.unsealed(str(left.id), left.entry, waiting=left.waiting)
    return verification.frontier.size, verification.end()
