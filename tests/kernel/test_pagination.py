"""Pages of a list, put together, are the list: whatever its order, however long the pages, and while rows come and go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, delete, select

from tests.kernel.notes.models import Note, OutboxEvent
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database, count_statements
from vereda.errors import ClientError, ErrorCode
from vereda.ids import new_id
from vereda.pagination import (
    DEFAULT_PAGE,
    MAX_PAGE,
    Order,
    Page,
    PageRequest,
    connection,
    decode_cursor,
    encode_cursor,
    page_request,
    paginate,
    paginate_many,
)

BY_ID = (Order(Note.id),)
BY_RANK = (Order(Note.rank), Order(Note.id))
notes_of_a_few_kinds = st.lists(
    st.tuples(st.integers(-2, 2), st.sampled_from(["", "a", "B", "é", "z z", '"'])), max_size=25
)
orders = st.builds(
    lambda columns, last: (*columns, last),
    st.lists(
        st.builds(Order, st.sampled_from([Note.rank, Note.text]), st.booleans()),
        max_size=2,
        unique_by=lambda order: order.column.key,
    ),
    st.builds(Order, st.just(Note.id), st.booleans()),
)


async def kept(database: Database, owner: Caller, contents: Sequence[tuple[int, str]]) -> list[Note]:
    async with database.transaction(owner) as session:
        rows = [Note(organization_id=owner.organization, rank=rank, text=text) for rank, text in contents]
        session.add_all(rows)
    return rows


def in_order(rows: Sequence[Note], order: Sequence[Order]) -> list[Any]:
    """The ids of rows as `order` says, by Python's own sorting."""
    found = list(rows)
    for one in reversed(order):
        found.sort(key=lambda row: getattr(row, one.column.key), reverse=one.descending)
    return [row.id for row in found]


async def page_of(
    database: Database,
    owner: Caller,
    order: Sequence[Order],
    page: PageRequest,
    statement: Select[Any] | None = None,
) -> Page[Note]:
    async with database.transaction(owner, read_only=True) as session:
        return await paginate(session, select(Note) if statement is None else statement, order, page)


@settings(max_examples=40, deadline=None)
@given(contents=notes_of_a_few_kinds, order=orders, first=st.integers(1, 9))
async def test_a_walk_over_the_pages_is_the_whole_list(
    notes: Database, contents: list[tuple[int, str]], order: tuple[Order, ...], first: int
) -> None:
    owner = caller_of()
    rows = await kept(notes, owner, contents)

    seen: list[Any] = []
    page = await page_of(notes, owner, order, PageRequest(first))
    assert not page.has_previous
    while True:
        seen += [row.id for row in page.rows]
        assert len(page.rows) == first or not page.has_next
        if not page.has_next:
            break
        page = await page_of(notes, owner, order, PageRequest(first, page.cursors[-1]))
        assert page.has_previous

    assert seen == in_order(rows, order)


@settings(max_examples=25, deadline=None)
@given(
    contents=st.lists(st.tuples(st.integers(-2, 2), st.just("x")), min_size=2, max_size=12),
    order=orders,
    first=st.integers(1, 4),
    data=st.data(),
)
async def test_rows_that_come_and_go_between_pages_shift_nothing(
    notes: Database,
    contents: list[tuple[int, str]],
    order: tuple[Order, ...],
    first: int,
    data: st.DataObject,
) -> None:
    owner = caller_of()
    stays = {row.id for row in await kept(notes, owner, contents)}

    seen: list[Any] = []
    after: str | None = None
    has_next = True
    while has_next:
        page = await page_of(notes, owner, order, PageRequest(first, after))
        seen += [row.id for row in page.rows]
        has_next, after = page.has_next, page.cursors[-1] if page.cursors else None
        if len(seen) < 30:
            await kept(notes, owner, [(data.draw(st.integers(-2, 2)), "new")])
        gone = data.draw(st.sampled_from([*sorted(stays), None]))
        async with notes.transaction(owner) as session:
            await session.execute(delete(Note).where(Note.id == gone))
        stays.discard(gone)

    assert len(set(seen)) == len(seen)
    assert stays <= set(seen)


@settings(max_examples=25, deadline=None)
@given(
    contents=notes_of_a_few_kinds,
    first=st.integers(1, 5),
    text_descending=st.booleans(),
    id_descending=st.booleans(),
    data=st.data(),
)
async def test_pages_under_many_parents_are_the_pages_under_each_in_one_statement(
    notes: Database,
    contents: list[tuple[int, str]],
    first: int,
    text_descending: bool,
    id_descending: bool,
    data: st.DataObject,
) -> None:
    owner = caller_of()
    rows = await kept(notes, owner, contents)
    order = (Order(Note.text, text_descending), Order(Note.id, id_descending))
    start = data.draw(st.sampled_from([None, *rows]))
    after = encode_cursor([start.text, start.id], order) if start is not None else None
    page, parents = PageRequest(first, after), [-2, -1, 0, 1, 2, 99]

    statements = count_statements(notes)
    async with notes.transaction(owner, read_only=True) as session:
        del statements[:]
        together = await paginate_many(session, Note, select(Note), Note.rank, parents, order, page)
        assert len(statements) == 1
        each = {
            parent: await paginate(session, select(Note).where(Note.rank == parent), order, page)
            for parent in parents
        }

    assert together == each


async def test_a_page_under_no_parents_is_no_page(notes: Database) -> None:
    async with notes.transaction(caller_of(), read_only=True) as session:
        assert await paginate_many(session, Note, select(Note), Note.rank, [], BY_ID, PageRequest()) == {}


async def test_a_page_shows_only_what_policies_let_the_caller_see(notes: Database) -> None:
    owner, stranger = caller_of(), caller_of()
    await kept(notes, owner, [(0, "mine")] * 3)
    cursor = (await page_of(notes, owner, BY_ID, PageRequest(1))).cursors[0]

    assert (await page_of(notes, stranger, BY_ID, PageRequest(9, cursor))).rows == ()


@pytest.mark.parametrize("first", [1, DEFAULT_PAGE, MAX_PAGE])
def test_a_page_has_from_1_to_100_rows(first: int) -> None:
    assert page_request(first, None) == PageRequest(first, None)


@pytest.mark.parametrize("first", [0, -1, MAX_PAGE + 1, 2**40])
def test_a_longer_or_empty_page_is_refused_with_the_bound(first: int) -> None:
    with pytest.raises(ClientError) as refused:
        page_request(first, None)

    assert refused.value.extensions == {"code": "PAGE_TOO_LARGE", "maximum": MAX_PAGE}


def test_without_a_size_a_page_has_twenty_rows() -> None:
    assert page_request(None, "c") == PageRequest(20, "c")


@given(
    text=st.text(),
    rank=st.integers(-(2**63), 2**63 - 1),
    at=st.datetimes(timezones=st.just(UTC)),
    id_=st.uuids(),
)
def test_a_cursor_holds_the_values_of_its_row(text: str, rank: int, at: datetime, id_: Any) -> None:
    order = [Order(Note.text), Order(Note.rank), Order(Note.created_at), Order(Note.id)]
    values = [text, rank, at, id_]

    assert decode_cursor(encode_cursor(values, order), order) == values


@pytest.mark.parametrize(
    "order",
    [
        (Order(Note.text), Order(Note.id)),
        (Order(Note.id), Order(Note.rank)),
        (Order(Note.rank),),
        (Order(Note.created_at),),
        (Order(OutboxEvent.sequence), Order(OutboxEvent.id), Order(OutboxEvent.type)),
        (Order(Note.rank, descending=True), Order(Note.id)),
    ],
    ids=["text and id", "the other way round", "too short", "another kind", "too long", "backwards"],
)
async def test_a_cursor_of_another_list_is_refused(notes: Database, order: tuple[Order, ...]) -> None:
    with pytest.raises(ClientError) as refused:
        await page_of(notes, caller_of(), order, PageRequest(1, encode_cursor([5, new_id()], BY_RANK)))

    assert refused.value.code is ErrorCode.BAD_CURSOR


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=5,
)


@given(st.text() | json_values.map(lambda value: encode_cursor([value], BY_ID)[:-1]))
def test_what_is_no_cursor_is_refused_and_not_repeated_r34(given_: str) -> None:
    for order in (BY_ID, (Order(Note.created_at), Order(Note.id))):
        with pytest.raises(ClientError, match="is not a cursor of this list") as refused:
            decode_cursor(given_ + "!", order)

        assert refused.value.code is ErrorCode.BAD_CURSOR


@given(rank=json_values, id_=json_values)
def test_a_forged_cursor_gives_values_of_the_lists_own_kinds_or_is_refused(rank: Any, id_: Any) -> None:
    order = BY_RANK
    takes_id = isinstance(id_, str) and re.fullmatch(r"[0-9a-fA-F-]{32,36}", id_)

    if isinstance(rank, int):
        assert decode_cursor(encode_cursor([rank % 2**31, str(new_id())], order), order)[0] == rank % 2**31
    if not isinstance(rank, int) or not takes_id:
        with pytest.raises(ClientError) as refused:
            decode_cursor(encode_cursor([rank, id_], order), order)
        assert refused.value.code is ErrorCode.BAD_CURSOR


def test_a_connection_shows_where_its_page_begins_and_ends() -> None:
    full = connection(Page(("a", "b"), ("1", "2"), True, False), str.upper)
    empty = connection(Page((), (), False, True), str.upper)

    assert full.nodes() == ["A", "B"]
    assert [(edge.cursor, edge.node) for edge in full.edges] == [("1", "A"), ("2", "B")]
    assert (full.page_info.start_cursor, full.page_info.end_cursor) == ("1", "2")
    assert (full.page_info.has_next_page, full.page_info.has_previous_page) == (True, False)
    assert (empty.page_info.start_cursor, empty.page_info.end_cursor) == (None, None)
    assert (empty.page_info.has_next_page, empty.page_info.has_previous_page) == (False, True)
