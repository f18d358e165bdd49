"""Trusted documents: the operations that a client may run, each registered by the SHA-256 of its text."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from typing import Final

from graphql import GraphQLSyntaxError, OperationDefinitionNode
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from gateway.guard import Limits, RefusedError, read_document
from gateway.oauth.client import SERVER
from gateway.oauth.events import Event, record
from gateway.store import OAuthClient, TrustedDocument
from gateway.store.acting import Store, within
from vereda.errors import OperatorError

MOST_AT_ONCE: Final = 500
MOST: Final = 5_000


def digest(document: str) -> str:
    """What a document is named by, as in automatic persisted queries: the SHA-256 of its text in UTF-8, in hex."""
    return hashlib.sha256(document.encode()).hexdigest()


async def register_documents(
    store: Store,
    client_id: str,
    documents: Collection[str],
    *,
    by: str = "operator",
    only_these: bool = False,
) -> list[str]:
    """Let the client run these operations, beside those that it may run already, or `only_these`. Their names, in the
    order of `documents`; the same again changes nothing.

    Raises: OperatorError when there is no such client, or a document is none that the gateway would run.
    """
    if not 0 < len(documents) <= MOST_AT_ONCE:
        raise OperatorError(f"Register 1 to {MOST_AT_ONCE} documents at once.")
    named = await asyncio.to_thread(_named, documents)
    async with within(store, SERVER) as session:
        client = await session.get(OAuthClient, client_id, with_for_update=True)
        if client is None:
            raise OperatorError(f"There is no client `{client_id}`.")
        mine = TrustedDocument.client_id == client_id
        if only_these:
            await session.execute(delete(TrustedDocument).where(mine, TrustedDocument.sha256.not_in(named)))
        new = [
            {
                "client_id": client_id,
                "sha256": sha256,
                "organization_id": client.organization_id,
                "document": document,
            }
            for sha256, document in named.items()
        ]
        await session.execute(insert(TrustedDocument).values(new).on_conflict_do_nothing())
        # Index: the primary key.
        kept = await session.scalar(select(func.count()).select_from(TrustedDocument).where(mine))
        if (kept or 0) > MOST:
            raise OperatorError(
                f"A client has at most {MOST} documents: register those only that it still uses."
            )
        record(session, Event.DOCUMENTS, client_id, by=by, organization=client.organization_id)
    return [digest(document) for document in documents]


def _named(documents: Collection[str]) -> dict[str, str]:
    return {digest(_checked(document, number)): document for number, document in enumerate(documents, 1)}


def _checked(document: str, number: int) -> str:
    """The document, if the gateway would take it. `number`: which one it is, for the message. Raises: OperatorError."""
    try:
        read = read_document(document, Limits())
    except GraphQLSyntaxError:
        raise OperatorError(f"Document {number} is no GraphQL.") from None
    except RefusedError as error:
        raise OperatorError(f"Document {number} would be refused: {error.message}") from None
    if not any(isinstance(one, OperationDefinitionNode) for one in read.definitions):
        raise OperatorError(f"Document {number} has no operation.")
    return document
