"""Mail to people: a small port with two adapters, a mail server and, for development, a folder.

Mails hold a link or a plain sentence, never what the network is about (R32).
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import make_msgid
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.settings import Environment, Settings
from vereda.telemetry import logger

_TIMEOUT_S: Final = 15.0
_PORTS: Final = {"smtps": 465, "smtp": 587}
_log = logger("mail")


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str


class MailPort(Protocol):
    """Takes mails to where they are sent from."""

    async def send(self, mail: Mail) -> None: ...


class OutboxFolder:
    """Keeps each mail as a file that only this user can read; for development, where nobody else is written to."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{new_id()}.eml"
        path.touch(mode=0o600)
        path.write_bytes(_message(mail, self._sender).as_bytes())


class Smtp:
    """A mail server: `smtps://user:password@host:465`, or `smtp://...:587` with STARTTLS, which is demanded (RFC 8314)."""

    def __init__(self, url: str, sender: str, context: ssl.SSLContext | None = None) -> None:
        """Raises: OperatorError when the URL is none of a mail server."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise OperatorError("VEREDA_SMTP_URL must be smtps://user:password@host:port or smtp://... .")
        self._implicit_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
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
            connection.send_message(message)


class Mailer:
    """Sends by a port, and reports what could not be sent: nobody waits for a mail, and no answer depends on it."""

    def __init__(self, port: MailPort | None) -> None:
        self._port = port

    @property
    def works(self) -> bool:
        """Whether there is anywhere to send mails by."""
        return self._port is not None

    async def send(self, mail: Mail) -> None:
        if self._port is None:
            return
        try:
            await self._port.send(mail)
        except (OSError, smtplib.SMTPException) as error:
            # Its kind alone: what a mail server says may repeat the address (R34).
            _log.error("a mail could not be sent", kind=type(error).__name__)


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
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Message-ID"] = make_msgid(domain="vereda.invalid")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5: no holiday notices back
    message.set_content(mail.text)
    return message
