"""Which document a request means, and whether its caller may run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.bounded import Bounded
from gateway.codes import GatewayCode
from gateway.guard.documents import RefusedError
from gateway.guard.trusted.naming import PREFIX, named
from gateway.identity import Identity


class TrustedStore(Protocol):
    """Documents that were registered beforehand, by a way that callers have no part in."""

    async def text(self, name: str, caller: Identity) -> str | None:
        """The document that `caller` may run under this name; None where there is none."""
        ...


class UnknownDocumentError(Exception):
    """No document of that name is known. Who sends its text next makes it known."""


class Documents:
    """Finds the text of a request's document.

    A caller who may run trusted documents only is never given another's, nor one that was made known automatically.
    """

    def __init__(
        self, trusted: Sequence[TrustedStore] = (), *, only: bool = False, automatic: bool = True
    ) -> None:
        """`trusted`: in the order in which they are asked. `only`: every caller may run trusted documents only. `automatic`: texts become known by being sent with their
        hash (Apollo's automatic persisted queries)."""
        self._trusted = trusted
        self._only = only
        self._known: Bounded[str] | None = Bounded() if automatic else None

    def closed(self, caller: Identity) -> bool:
        """Whether the caller may run trusted documents only."""
        return self._only or caller.trusted_documents_only

    async def find(self, text: str, name: str | None, caller: Identity) -> str:
        """The text of the document that `name` is for, or else `text` itself.

        `text` may be empty where there is a name; where both are given they belong together already.
        Raises: RefusedError, UnknownDocumentError.
        """
        if self.closed(caller):
            trusted = await self._look(name or named(text), caller)
            if trusted is None:
                raise RefusedError(
                    GatewayCode.DOCUMENT_NOT_TRUSTED,
                    "Only registered documents may be run here: register this one, then ask by its documentId.",
                )
            return trusted
        if text or name is None:
            return text
        found = None if self._known is None else self._known.get(name)
        if found is None:
            found = await self._look(name, caller)
        if found is None and self._known is None:
            raise RefusedError(GatewayCode.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")
        if found is None:
            raise UnknownDocumentError
        return found

    def learn(self, text: str, name: str | None) -> None:
        """Keep a valid document that was sent together with its hash."""
        if self._known is not None and name is not None and name.startswith(PREFIX):
            self._known.keep(name, None, text, held=len(text))

    async def _look(self, name: str, caller: Identity) -> str | None:
        for store in self._trusted:
            text = await store.text(name, caller)
            if text is not None:
                return text
        return None
