"""Mail to people: a small port with two adapters, a mail server and, for development, a folder.

Mails hold a link or a plain sentence, never what the network is about (R32).
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.settings import Environment, Settings

_TIMEOUT_S: Final = 15.0
_PORTS: Final = {"smtps": 465, "smtp": 587}
_FOR_GOOD: Final = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """`id` stays the same however often it is sent, and names it to mail programs (RFC 5322 §3.6.4)."""

    to: str
    subject: str
    text: str
    id: UUID = field(default_factory=new_id)


class MailRefusedError(Exception):
    """The mail server will not take this mail, now or later."""


class MailPort(Protocol):
    """Takes mails to where they are sent from."""

    async def send(self, mail: Mail) -> None:
        """Raises: MailRefusedError; OSError, smtplib.SMTPException when it could not be sent this time."""
        ...


class OutboxFolder:
    """Keeps each mail as a file that only this user can read; for development, where nobody else is written to."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{mail.id}.eml"
        path.touch(mode=0o600)
        path.write_bytes(_message(mail, self._sender).as_bytes())


class Smtp:
    """A mail server: `smtps://user:password@host:465`, or `smtp://...:587` with STARTTLS, which is demanded (RFC 8314)."""

    def __init__(self, url: str, sender: str, context: ssl.SSLContext | None = None) -> None:
        """Raises: OperatorError when the URL is none of a mail server."""
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            port = 0
        if not port or not parts.hostname:
            raise OperatorError("VEREDA_SMTP_URL must be smtps://user:password@host:port or smtp://... .")
        self._implicit_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, port
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._context = context or ssl.create_default_context()

    async def send(self, mail: Mail) -> None:
        await asyncio.to_thread(self._deliver, _message(mail, self._sender))

    def _deliver(self, message: EmailMessage) -> None:
        if self._implicit_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=_TIMEOUT_S, context=self._context
            )
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT_S)
        with connection:
            if not self._implicit_tls:
                connection.starttls(context=self._context)
            if self._user:
                connection.login(self._user, self._password)
            try:
                connection.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                _give_up_for_good(code for code, _said in error.recipients.values())
                raise
            except smtplib.SMTPDataError as error:
                _give_up_for_good([error.smtp_code])
                raise


def _give_up_for_good(codes: Iterable[int]) -> None:
    """RFC 5321 §4.2.1: 5yz is said for good, 4yz for now. Raises: MailRefusedError."""
    if all(code >= _FOR_GOOD for code in codes):
        raise MailRefusedError from None


def mail_port(settings: Settings) -> MailPort | None:
    """The mail server of the settings; in development without one, the folder `VEREDA_HOME/outbox`; else none.

    Raises: OperatorError when `VEREDA_SMTP_URL` or `VEREDA_MAIL_FROM` makes no sense.
    """
    if settings.smtp_url is not None:
        if not settings.mail_from:
            raise OperatorError("VEREDA_MAIL_FROM is not set: mails need a sender's address.")
        return Smtp(settings.smtp_url.get_secret_value(), settings.mail_from)
    if settings.environment is Environment.DEVELOPMENT:
        return OutboxFolder(settings.home / "outbox", settings.mail_from or "vereda@localhost")
    return None


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP_POLICY)
    try:
        message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    except ValueError:  # a line break in an address, say
        raise MailRefusedError from None
    message["Message-ID"] = f"<{mail.id}@vereda.invalid>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no holiday notices back
    message.set_content(mail.text)
    return message
