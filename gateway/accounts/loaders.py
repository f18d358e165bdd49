"""What a request of administration has at hand: names beside ids, and the post."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from gateway.accounts.operations.acting import SERVER, person_id
from gateway.accounts.post import Post
from gateway.store import Membership, OAuthClient, Person
from vereda.context import RequestContext

#: An organisation, and somebody who is or was one of its people or systems.
Subject = tuple[UUID, str]


class Loaders:
    """One request's loaders."""

    def __init__(self, context: RequestContext[Loaders], post: Post) -> None:
        self.post = post

        async def names(subjects: list[Subject]) -> list[str | None]:
            async with context.read_as(SERVER) as session:
                found = await _names_of_people(session, subjects) | await _names_of_systems(session, subjects)
            return [found.get(subject) for subject in subjects]

        self.names: DataLoader[Subject, str | None] = DataLoader(load_fn=names)


async def _names_of_people(session: AsyncSession, subjects: Sequence[Subject]) -> dict[Subject, str]:
    """Names of those who are or were members of the organisation that asks, and of nobody else. Index: the primary key."""
    asked = [
        (person, organization)
        for organization, subject in subjects
        if (person := person_id(subject)) is not None
    ]
    rows = await session.execute(
        select(Membership.organization_id, Person.id, Person.display_name)
        .join(Person, Person.id == Membership.person_id)
        .where(tuple_(Membership.person_id, Membership.organization_id).in_(asked))
    )
    return {(organization, str(person)): name for organization, person, name in rows}


async def _names_of_systems(session: AsyncSession, subjects: Sequence[Subject]) -> dict[Subject, str]:
    """Index: the primary key."""
    rows = await session.execute(
        select(OAuthClient.organization_id, OAuthClient.client_id, OAuthClient.name).where(
            and_(
                OAuthClient.client_id.in_([subject for _, subject in subjects]),
                OAuthClient.organization_id.in_({organization for organization, _ in subjects}),
            )
        )
    )
    return {(organization, client_id): name for organization, client_id, name in rows}
