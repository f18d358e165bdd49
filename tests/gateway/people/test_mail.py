"""Mails against a mail server on loopback: under TLS alone, and never lost or told of because that server had a bad day."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from sqlalchemy import func, select, update

from gateway.people.events import SERVER
from gateway.people.letters import Letters
from gateway.people.mail import Mail, Smtp, mail_port
from gateway.people.mailer import Mailer
from gateway.store import Letter
from tests.gateway.people.conftest import new_worker
from tests.support.smtp import HANG_UP, HOST, Delivery, MailServer
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.sealing import LocalKeyProvider
from vereda.secrets import Secrets
from vereda.settings import Environment, Settings

PASSWORD = "p@ss/word:1"
LINK = "https://graph.example.org/invitation?token=s3cr3t"
A_DAY = timedelta(days=1)


@pytest.fixture
def server(tmp_path: Path) -> MailServer:
    return MailServer(tmp_path)


def smtp(server: MailServer, *, user: str = "network", password: str = PASSWORD, trusts: bool = True) -> Smtp:
    scheme = "smtps" if server.implicit_tls else "smtp"
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    return Smtp(
        f"{scheme}://{login}{HOST}:{server.port}",
        "Vereda <network@example.org>",
        server.trust if trusts else None,
    )


class Clock:
    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mailer(database: Database, tmp_path: Path, clock: Clock) -> Callable[[Smtp], Mailer]:
    """A mailer by this port; each is as one after a restart: it knows what the database and its key file know."""
    (tmp_path / "secrets").mkdir()

    def made(port: Smtp) -> Mailer:
        keys = LocalKeyProvider(Secrets(tmp_path / "secrets"), "people-master-key")
        return Mailer(database, keys, port, now=clock)

    return made


def mail(text: str = f"Hello,\n\nset it here:\n\n{LINK}\n") -> Mail:
    return Mail(f"worker-{new_id()}@clinic.example.org", "Un enlace para una contraseña nueva", text)


def read(delivery: Delivery) -> EmailMessage:
    message = email.message_from_bytes(delivery.content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


async def waiting(database: Database) -> int:
    async with database.transaction(SERVER) as session:
        return int(await session.scalar(select(func.count()).select_from(Letter)) or 0)


@pytest.fixture(autouse=True)
async def nothing_waits(database: Database) -> None:
    """What other tests could not send is none of ours."""
    async with database.transaction(SERVER) as session:
        await session.execute(Letter.__table__.delete())


@pytest.mark.parametrize("implicit_tls", [True, False])
async def test_a_mail_is_handed_over_under_tls_with_the_name_and_password_of_the_url(
    server: MailServer, implicit_tls: bool
) -> None:
    server.implicit_tls = implicit_tls
    sent = mail()
    async with server.running():
        await smtp(server).send(sent)

    [delivery] = server.deliveries
    message = read(delivery)
    assert delivery.encrypted
    assert delivery.user == "network"
    assert delivery.sender.startswith("FROM:<network@example.org>")
    assert [one.partition(">")[0] for one in delivery.recipients] == [f"TO:<{sent.to}"]
    assert message["Subject"] == sent.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == sent.text
    assert str(sent.id) in message["Message-ID"]


async def test_a_server_that_asks_for_no_password_is_told_none(server: MailServer) -> None:
    async with server.running():
        await smtp(server, user="").send(mail())

    assert [delivery.user for delivery in server.deliveries] == [None]
    assert not any(command.startswith("AUTH") for command in server.commands)


async def test_without_tls_nothing_is_said_but_hello(server: MailServer) -> None:
    """RFC 8314 §4.1: a server, or whoever sits before it, that takes STARTTLS away gets neither password nor mail."""
    server.implicit_tls = server.offers_starttls = False
    async with server.running():
        with pytest.raises(Exception, match="STARTTLS"):
            await smtp(server).send(mail())

    assert server.deliveries == []
    assert {command.partition(" ")[0] for command in server.commands} <= {"EHLO", "QUIT"}


@pytest.mark.parametrize("implicit_tls", [True, False])
async def test_a_server_with_a_certificate_of_its_own_making_is_told_nothing(
    server: MailServer, implicit_tls: bool
) -> None:
    server.implicit_tls = implicit_tls
    async with server.running():
        with pytest.raises(OSError, match="certificate verify failed"):
            await smtp(server, trusts=False).send(mail())

    assert server.deliveries == []
    assert not any(command.startswith(("AUTH", "MAIL")) for command in server.commands)


BAD_DAYS: dict[str, Any] = {
    "it hangs up": HANG_UP,
    "it is busy": ("MAIL", 451),
    "the mailbox is full": ("RCPT", 452),
    "it is busy when the mail is said": ("DATA", 451),
}


@pytest.mark.parametrize("turn", BAD_DAYS.values(), ids=BAD_DAYS.keys())
async def test_a_mail_that_could_not_be_sent_is_sent_later_by_whoever_is_there_then(
    server: MailServer, mailer: Callable[[Smtp], Mailer], database: Database, clock: Clock, turn: Any
) -> None:
    sent = mail()
    server.turns = [turn]
    async with server.running():
        await mailer(smtp(server)).send(sent, A_DAY)
        assert server.deliveries == []
        assert await mailer(smtp(server)).send_due() == 0  # it is not hurried
        clock.at += timedelta(seconds=31)
        assert await mailer(smtp(server)).send_due() == 1
        clock.at += A_DAY / 2
        assert await mailer(smtp(server)).send_due() == 0

    [delivery] = server.deliveries
    assert read(delivery)["Message-ID"] == f"<{sent.id}@vereda.invalid>"
    assert await waiting(database) == 0


async def test_a_server_that_is_away_is_asked_less_and_less_often_until_the_mail_is_of_no_use(
    server: MailServer, mailer: Callable[[Smtp], Mailer], database: Database, clock: Clock
) -> None:
    async with server.running():
        pass  # a port at which nobody is
    began, tried = clock.at, []
    await mailer(smtp(server)).send(mail(), timedelta(minutes=30))
    while await waiting(database):
        clock.at += timedelta(seconds=30)
        if await mailer(smtp(server)).send_due():
            tried.append((clock.at - began).total_seconds())

    assert tried == [30, 90, 210, 450, 930]  # after 30, 60, 120, 240, 480 seconds more
    assert clock.at - began == timedelta(minutes=30)


@pytest.mark.parametrize("turn", [("RCPT", 550), ("DATA", 554)])
async def test_a_mail_that_was_refused_for_good_is_not_tried_again(
    server: MailServer, mailer: Callable[[Smtp], Mailer], database: Database, turn: Any
) -> None:
    server.turns = [turn]
    async with server.running():
        await mailer(smtp(server)).send(mail(), A_DAY)

    assert await waiting(database) == 0


async def test_a_wrong_password_loses_no_mail(
    server: MailServer, mailer: Callable[[Smtp], Mailer], clock: Clock
) -> None:
    """The operator sets it right, and restarts."""
    async with server.running():
        await mailer(smtp(server, password="wrong")).send(mail(), A_DAY)
        clock.at += timedelta(minutes=1)
        await mailer(smtp(server)).send_due()

    assert len(server.deliveries) == 1


async def test_two_replicas_do_not_send_the_same_mail(
    server: MailServer, mailer: Callable[[Smtp], Mailer], clock: Clock
) -> None:
    server.turns = [HANG_UP, HANG_UP, HANG_UP]
    async with server.running():
        one, other = mailer(smtp(server)), mailer(smtp(server))
        for _ in range(3):
            await one.send(mail(), A_DAY)
        clock.at += timedelta(minutes=1)

        assert sum([await one.send_due(), await other.send_due()]) == 3
        assert len({read(delivery)["To"] for delivery in server.deliveries}) == 3


async def test_what_waits_tells_a_reader_of_the_database_nothing(
    server: MailServer, mailer: Callable[[Smtp], Mailer], database: Database, clock: Clock
) -> None:
    async with server.running():
        pass
    sent = mail()
    await mailer(smtp(server)).send(sent, A_DAY)
    async with database.transaction(SERVER) as session:
        [row] = (await session.execute(select(Letter.__table__))).all()
    said = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    assert not any(secret in said for secret in (sent.to.encode(), LINK.encode(), b"s3cr3t", b"Hello"))

    async with database.transaction(SERVER) as session:
        await session.execute(update(Letter).values(id=new_id()))
    clock.at += timedelta(minutes=1)
    with structlog.testing.capture_logs() as logs:
        await mailer(smtp(server)).send_due()
    assert [line["event"] for line in logs] == [
        "a mail cannot be read: it was sealed under another people-master-key"
    ]
    assert await waiting(database) == 0


@pytest.mark.parametrize("turn", [*BAD_DAYS.values(), ("RCPT", 550), ("AUTH", 535)])
async def test_no_log_holds_an_address_a_link_or_a_password_r34(
    server: MailServer, mailer: Callable[[Smtp], Mailer], turn: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """The server's own words do: `550 not now, <somebody@clinic.example.org>`."""
    server.turns = [turn]
    sent = mail()
    async with server.running():
        with structlog.testing.capture_logs() as logs:
            await mailer(smtp(server)).send(sent, A_DAY)

    said = f"{logs} {capfd.readouterr()}"
    assert len(logs) == 1
    assert not any(secret in said for secret in (sent.to, "example.org", "s3cr3t", PASSWORD, "contraseña"))


async def test_an_address_that_would_say_more_to_the_mail_server_is_refused(
    server: MailServer, mailer: Callable[[Smtp], Mailer], database: Database
) -> None:
    async with server.running():
        await mailer(smtp(server)).send(Mail("a@b.example\r\nBcc: c@d.example", "x", "x"), A_DAY)

    assert server.commands == []
    assert await waiting(database) == 0


async def test_the_three_mails_go_out_in_the_language_of_their_reader(
    server: MailServer, mailer: Callable[[Smtp], Mailer], people: Any
) -> None:
    reader = await new_worker(people, locale="es")
    async with server.running():
        letters = Letters(people.settings, people.database, mailer(smtp(server)))
        await letters.join(reader.person_id, "one")
        await letters.new_password(reader.person_id, "two")
        await letters.changed(reader.person_id)

    messages = [read(delivery) for delivery in server.deliveries]
    assert [message["To"] for message in messages] == [reader.email] * 3
    texts = [message.get_content() for message in messages]
    for text, link in zip(texts, ("/invitation?token=one", "/invitation?token=two", "/account"), strict=True):
        assert text.startswith("Hola")
        assert f"https://graph.example.org{link}" in text.split()


@pytest.mark.parametrize(
    ("url", "sender", "names"),
    [
        ("smtps://h:99999", "a@b.example", "VEREDA_SMTP_URL"),
        ("smtps://", "a@b.example", "VEREDA_SMTP_URL"),
        ("http://user:pa55word@h", "a@b.example", "VEREDA_SMTP_URL"),
        ("smtps://user:pa55word@h:465", None, "VEREDA_MAIL_FROM"),
    ],
)
def test_settings_that_make_no_sense_are_named_and_not_repeated(
    settings: Settings, url: str, sender: str | None, names: str
) -> None:
    told = Settings(home=settings.home, smtp_url=url, mail_from=sender)

    with pytest.raises(OperatorError, match=names) as error:
        mail_port(told)
    assert "pa55word" not in str(error.value)


def test_in_production_without_a_mail_server_there_is_no_mail(settings: Settings) -> None:
    assert mail_port(settings.model_copy(update={"environment": Environment.PRODUCTION})) is None
