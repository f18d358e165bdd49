"""Spreadsheets of partners without a system: nobody in what goes out, and a look before anything comes in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from graphql import TypeInfo, TypeInfoVisitor, Visitor, build_schema, get_named_type, parse, validate, visit
from hypothesis import given
from hypothesis import strategies as st

from tests.facades.bundles import ALL_CLASSES, consent, patient, send
from tests.facades.network import ROOT, URL, Network, Partner
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.sheets import cells, clients, referrals
from vereda.sheets.report import Fate

API = build_schema((ROOT / "schema" / "api.graphql").read_text())


class System:
    """A partner's system as the commands know it."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.asked = 0

    async def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        self.asked += 1
        body = {"query": document, "variables": variables or {}}
        answer = await self.partner.network.http.post(
            f"{URL}/graphql", json=body, headers=self.partner.headers({})
        )
        return dict(answer.json())


@pytest_asyncio.fixture
async def clinic(network: Network) -> Partner:
    return await network.member("Clinic")


@pytest_asyncio.fixture
async def pantry(network: Network) -> Partner:
    return await network.member("Pantry")


def table(
    tmp_path: Path, text: str, columns: tuple[str, ...] = referrals.COLUMNS, **names: str
) -> list[cells.Row]:
    path = tmp_path / f"{new_id()}.csv"
    path.write_bytes(text.encode("utf-8-sig"))
    return cells.read(path, columns, names)


async def inbox(partner: Partner, tmp_path: Path, **edited: str) -> list[cells.Row]:
    """The partner's inbox as it comes back from a spreadsheet, with these cells edited in each row."""
    rows = [{**row, **edited} for row in await referrals.exported(System(partner), "inbox")]
    path = tmp_path / f"inbox-{new_id()}.csv"
    cells.write(path, referrals.COLUMNS, rows)
    return cells.read(path, referrals.COLUMNS, {})


async def test_an_inbox_goes_out_is_edited_and_moves_what_it_says_once(
    clinic: Partner, pantry: Partner, tmp_path: Path
) -> None:
    id_ = await send(clinic, pantry)
    rows = await inbox(pantry, tmp_path, move="open", new_reference="PN-1")
    system = System(pantry)

    looked = await referrals.taken_in(system, rows, preview=True)
    unmoved = await referrals.exported(system, "inbox")
    done = await referrals.taken_in(system, rows, preview=False)
    again = await referrals.taken_in(system, rows, preview=False)

    assert [one.fate for one in looked.lines] == [Fate.WOULD]
    assert unmoved[0]["state"] == "SENT"
    assert [one.fate for one in (*done.lines, *again.lines)] == [Fate.DONE, Fate.DONE]
    [after] = await referrals.exported(system, "inbox")
    assert (after["state"], after["own_reference"], after["referral"]) == ("IN_REVIEW", "PN-1", id_)
    timeline = "query($id: ID!) { referral(id: $id) { timeline { move } } }"
    moves = [one["move"] for one in (await pantry.ask(timeline, id=id_))["referral"]["timeline"]]
    assert moves.count("OPEN") == 1


async def test_a_row_that_cannot_be_done_is_told_by_line_and_column_and_the_others_are_done(
    clinic: Partner, pantry: Partner, tmp_path: Path
) -> None:
    ids = [await send(clinic, pantry) for _ in range(3)]
    rows = {row["referral"]: row for row in await referrals.exported(System(pantry), "inbox")}
    text = "referral,version,move,reason\r\n"
    text += f"{ids[0]},{rows[ids[0]]['version']},ACCEPT,\r\n"
    text += f"{ids[1]},{rows[ids[1]]['version']},DECLINE,\r\n"
    text += f"{ids[2]},{rows[ids[2]]['version']},DECLINE,NO_CAPACITY\r\n"
    text += f"{ids[0]},,OPEN,\r\n,1,OPEN,\r\n{ids[0]},1,,\r\n"
    system = System(pantry)

    looked = await referrals.taken_in(system, table(tmp_path, text), preview=True)
    done = await referrals.taken_in(system, table(tmp_path, text), preview=False)

    told = {one.line: (one.fate, one.column) for one in looked.lines}
    assert told == {
        2: (Fate.REFUSED, "move"),
        3: (Fate.REFUSED, "reason"),
        4: (Fate.WOULD, None),
        5: (Fate.REFUSED, "version"),
        6: (Fate.REFUSED, "referral"),
        7: (Fate.NOTHING, None),
    }
    assert {one.line for one in done.lines if one.fate is Fate.DONE} == {4}
    assert "5 refused" not in done.printed()
    assert done.printed().startswith("line 2: refused (")


async def test_r26_what_goes_out_is_about_nobody(clinic: Partner, pantry: Partner) -> None:
    await send(clinic, pantry, Patient=patient(name=[{"text": "Marisol Queretaro"}]))

    for partner, box in ((pantry, "inbox"), (clinic, "outbox")):
        [row] = await referrals.exported(System(partner), box)
        assert not [one for one in ("Marisol", "559", "Works mornings", "food box") if one in str(row)]
        assert row["consent_scope"]
        handles = await partner.ask(
            "query($id: ID!) { referral(id: $id) { client { handle } } }", id=row["referral"]
        )
        assert handles["referral"]["client"]["handle"] not in str(row)


def test_r26_the_documents_of_an_export_ask_for_no_client() -> None:
    found: set[str] = set()
    for document in referrals.BOX.values():
        info = TypeInfo(API)

        class Types(Visitor):
            def enter_field(self, *_: object) -> None:
                found.add(get_named_type(info.get_type()).name)  # noqa: B023

        assert validate(API, parse(document)) == []
        visit(parse(document), TypeInfoVisitor(info, Types()))

    assert "Referral" in found
    assert not {"Client", "ClientContact", "HouseholdMember", "Message"} & found


async def test_r7_r16_a_table_tells_a_sender_no_more_than_the_graph(
    network: Network, clinic: Partner, pantry: Partner
) -> None:
    await send(clinic, pantry, Consent=consent(purposes=("REFERRAL_DELIVERY",)))
    shelter = await network.member("Casa Segura", terms=("basic.shelter",))
    await send(clinic, shelter, Consent=consent((*ALL_CLASSES, "SURVIVOR")))

    rows = await referrals.exported(System(clinic.colleague()), "outbox")

    assert {row["state"] for row in rows} == {"OPEN", "SENT"}
    assert str(shelter.organization) not in str(rows)


CLIENTS = (
    "reference,Name of client,phone,language,zip3,age_band\r\n"
    "A-1,Marisol,559-555-0101,spa,937,FROM_26_TO_40\r\nA-2,Rosa,,mxb,937,\r\n"
)


async def test_people_come_in_once_however_often_the_file_does(clinic: Partner, tmp_path: Path) -> None:
    system = System(clinic)
    rows = table(tmp_path, CLIENTS, clients.COLUMNS, name="name of client")

    looked, _ = await clients.taken_in(system, rows, preview=True)
    assert system.asked == 0
    done, handles = await clients.taken_in(system, rows, preview=False)
    again, same = await clients.taken_in(system, rows, preview=False)
    changed = table(tmp_path, CLIENTS.replace("spa,937", "spa,936"), clients.COLUMNS, name="Name of client")
    other, _ = await clients.taken_in(system, changed, preview=False)

    assert [one.fate for one in looked.lines] == [Fate.WOULD] * 2
    assert [one.fate for one in (*done.lines, *again.lines)] == [Fate.DONE] * 4
    assert handles == same
    assert {one["reference"] for one in handles} == {"A-1", "A-2"}
    assert [(one.line, one.fate) for one in other.lines] == [(2, Fate.REFUSED), (3, Fate.DONE)]
    people = await clinic.ask("{ clients(first: 10) { nodes { displayName } } }")
    assert sorted(one["displayName"] for one in people["clients"]["nodes"]) == ["Marisol", "Rosa"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",Rosa,spa,,", "reference"),
        ("B-1,,spa,,", "name"),
        ("B-1,Rosa,Spanish,,", "language"),
        ("B-1,Rosa,spa,OLD,", "age_band"),
        ("B-1,Rosa (undocumented),spa,,", "name"),
        ("B-1,Rosa,spa,,her A-number is A123456789", "safe_hours"),
    ],
)
async def test_r2_a_person_who_cannot_be_recorded_so_is_told_by_line_and_column_and_not_repeated(
    clinic: Partner, tmp_path: Path, row: str, column: str
) -> None:
    rows = table(tmp_path, f"reference,name,language,age_band,safe_hours\r\n{row}\r\n", clients.COLUMNS)

    report, _ = await clients.taken_in(System(clinic), rows, preview=True)

    [line] = report.lines
    assert (line.line, line.fate, line.column) == (2, Fate.REFUSED, column)
    assert not [one for one in ("undocumented", "123456789", "Spanish", "Rosa") if one in report.printed()]


async def test_r2_what_the_preview_would_let_through_the_network_refuses(
    clinic: Partner, tmp_path: Path
) -> None:
    rows = table(tmp_path, "reference,name,language,county\r\nC-1,Rosa,spa,nowhere\r\n", clients.COLUMNS)

    report, handles = await clients.taken_in(System(clinic), rows, preview=False)

    assert [(one.fate, one.column) for one in report.lines] == [(Fate.REFUSED, "county")]
    assert handles == []


@given(
    st.text(alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\r\n"), max_size=60)
)
def test_no_cell_is_a_formula_and_every_cell_comes_back(text: str) -> None:
    guarded = cells.guarded(text)

    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
    if not text.startswith("'"):
        assert cells.unguarded(guarded) == text


def test_a_file_is_written_as_spreadsheets_read_it_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    cells.write(path, ("a", "b"), [{"a": "=HYPERLINK(1)", "b": "Peña, José"}])

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(csv.reader(path.read_text("utf-8-sig").splitlines()))[1] == ["'=HYPERLINK(1)", "Peña, José"]
    assert cells.read(path, ("a", "b"), {})[0].cells == {"a": "=HYPERLINK(1)", "b": "Peña, José"}
    with pytest.raises(OperatorError, match="there already"):
        cells.write(path, ("a",), [])


@pytest.mark.parametrize(
    ("content", "names", "says"),
    [
        ("Referral;Version\r\n1;2\r\n".encode("utf-16"), {}, "not UTF-8"),
        (b"version,Version\r\n1,2\r\n", {}, "several columns"),
        (b"a,b\r\n1,2\r\n", {"version": "Fassung"}, "no column 'Fassung'"),
        (b"a,b\r\n1,2\r\n", {"colour": "a"}, "There is no column colour"),
        (b'version\r\n"1\r\n', {}, "no CSV"),
        (b"x" * (cells.MOST_BYTES + 1), {}, "bytes"),
        (b"version\r\n" + b"1\r\n" * (cells.MOST_ROWS + 1), {}, "rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, names: dict[str, str], says: str
) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(content)

    with pytest.raises(OperatorError, match=says):
        cells.read(path, referrals.COLUMNS, names)
