"""What an operator can set, read from `VEREDA_*` environment variables once at start."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from vereda.errors import OperatorError

#: The network's processes that own a database, in the order in which they start.
SERVICES: Final = ("partners", "referrals", "grants")
DATABASES: Final = (*SERVICES, "gateway")
_RUNNING: Final = "running.json"


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class KeyProvider(StrEnum):
    """What protects the keyring, which wraps clients' data keys (docs/operate.md)."""

    FILE = "file"
    ENVIRONMENT = "environment"
    VAULT = "vault"


class SigningAlgorithm(StrEnum):
    """What new signing keys are for: ECDSA on P-256 (RFC 7518 §3.4), or EdDSA by its full name (RFC 9864 §2.2)."""

    ES256 = "ES256"
    ED25519 = "Ed25519"


LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)]


class Settings(BaseSettings):
    """Settings of every process of the network. Docs: docs/operate.md."""

    model_config = SettingsConfigDict(
        env_prefix="VEREDA_", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    home: Annotated[Path, NoDecode] = Path(".vereda")
    """Folder of all local state: embedded Postgres, keys, generated passwords."""
    host: str = "127.0.0.1"
    """Address the gateway listens on; the services always listen beside it, never on a public address."""
    port: int = Field(default=4000, ge=1, le=65_500)
    """Port of the gateway; the services take the next three on one machine."""
    database_url: str | None = None
    """Administrative URL of an existing Postgres (>= 16) to use instead of the embedded one."""
    environment: Environment = Environment.DEVELOPMENT
    log_format: LogFormat = LogFormat.CONSOLE
    log_level: LogLevel = "INFO"
    issuer: str | None = None
    """Public base URL of the gateway, e.g. `https://graph.example.org`; default: its loopback address."""
    signing_algorithm: SigningAlgorithm = SigningAlgorithm.ES256
    """Algorithm of the signing keys that are made from now on: at first use and by `vereda keys rotate`."""
    database_pool: int = Field(default=8, ge=1, le=200)
    """Connections that one process keeps to its database."""
    statement_timeout_s: float = Field(default=10.0, gt=0)
    """Longest that Postgres may work at one statement of a request."""
    connections: int = Field(default=2_000, ge=10, le=100_000)
    """Connections that one process holds open at the same time; idle ones give way to new ones, then new ones are refused."""
    drain_s: float = Field(default=0.0, ge=0, le=600)
    """How long a process that is told to end by SIGTERM goes on serving, so that balancers notice that it is not ready."""
    grace_s: int = Field(default=5, ge=1, le=600)
    """How long requests under way are then given to finish."""
    trusted_proxies: str = ""
    """Networks of our own proxies, with commas between them: what they say in `X-Forwarded-For` is believed."""
    fetch_from_private_networks: bool = False
    """Whether keys of clients and documents of external providers may be fetched from addresses of private networks."""
    session_idle_s: int = Field(default=1800, ge=60)
    """How long a person stays signed in without doing anything."""
    session_absolute_s: int = Field(default=43_200, ge=300)
    """How long a person stays signed in at most, whatever they do."""
    refresh_idle_s: int = Field(default=86_400, ge=60)
    """How long an application may leave a refresh token unused."""
    refresh_absolute_s: int = Field(default=604_800, ge=300)
    """How long an application may act for a person before they sign in again, however often it refreshes."""
    smtp_url: SecretStr | None = None
    """Mail server: `smtps://user:password@host:465`, or `smtp://user:password@host:587` with STARTTLS."""
    mail_from: str | None = None
    """Sender's address of mails to people."""
    attachment_bytes: int = Field(default=5 * 1024 * 1024, ge=1024, le=32 * 1024 * 1024)
    """Bytes of the largest document that may be attached to a referral."""
    attachment_scanner: str = "none"
    """What looks for malware in attached documents: `none`, or ClamAV's daemon as `clamd://host:port`."""
    conditional_recognition_years: int = Field(default=2, ge=1, le=20)
    """Years of a first DOJ recognition, where the decision names no end (verify 8 CFR 1292.11)."""
    recognition_years: int = Field(default=6, ge=1, le=20)
    """Years of a renewed DOJ recognition, where the decision names no end (verify 8 CFR 1292.11)."""
    accreditation_years: int = Field(default=3, ge=1, le=20)
    """Years of a DOJ accreditation, where the decision names no end (verify 8 CFR 1292.12)."""
    message_days: int = Field(default=90, ge=1, le=366)
    """How many days messages between the two sides of a referral are kept."""
    oidc_issuer: str | None = None
    """An external OpenID Connect provider that people may sign in through."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_mapping: Path | None = None
    """JSON file that says which claims of the provider make somebody what in which organisation."""
    oidc_multi_factor: bool = False
    """Whether the provider asks everybody for several factors, also where it does not say so."""

    key_provider: KeyProvider = KeyProvider.FILE
    """What protects the keyring: its file's mode alone, a key from the environment, or a key management service."""
    keyring: Annotated[Path | None, NoDecode] = None
    """File of the keyring; default: `VEREDA_HOME/secrets/client-keyring`."""
    keyring_keys: SecretStr | None = None
    """Of `environment`: `name:key,name:key`, each 32 bytes in base64. The first seals the keyring, all open it."""
    vault_addr: str | None = None
    """Of `vault`: address of a HashiCorp Vault or OpenBao, `https://vault.example.org:8200`."""
    vault_token: SecretStr | None = None
    vault_token_file: Annotated[Path | None, NoDecode] = None
    """File with the token, as an agent renews it; read for each request."""
    vault_mount: str = "transit"
    vault_key: str = "vereda"
    """Name of the Transit key that seals the keyring."""
    vault_ca: Annotated[Path | None, NoDecode] = None
    """Certificates of the authorities that the service's certificate may come from; default: this machine's."""

    backups_kept_days: int = Field(default=35, ge=0, le=3650)
    """How long a master key is kept after it was replaced: a backup of the database that is older opens for nobody."""

    retention_closed_days: int = Field(default=90, ge=1, le=3650)
    """How long what a referral says of a client is kept after its end (docs/retention.md)."""
    retention_unsent_days: int = Field(default=30, ge=1, le=3650)
    """How long a client for whom nothing is sent is kept."""
    retention_appointments_days: int = Field(default=30, ge=1, le=3650)
    """How long an appointment is kept after its end."""
    retention_grants_days: int = Field(default=1096, ge=1, le=36_500)
    """How long it is kept whose a seat or an application was, after the cohort or the funding round."""
    events_kept_days: int = Field(default=30, ge=4, le=3650)
    """How long events can be read again; longer than a receiver's webhook is tried."""
    webhooks_to_private_networks: bool = False
    """Whether webhooks may be sent to addresses of private networks."""
    webhooks_at_once: int = Field(default=64, ge=2, le=1000)
    """Receivers that one process waits for at the same time: half of the places are for slow and failing ones, half for others."""
    webhook_log_days: int = Field(default=30, ge=1, le=3650)
    """How long it is kept what was sent to a webhook when, and what came of it."""

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def public_url(self) -> str:
        return (self.issuer or f"http://127.0.0.1:{self.port}").rstrip("/")

    def jwks_location(self, ring: str) -> str:
        """Where the public keys of `ring` are: `VEREDA_<RING>_JWKS` (a path or an http(s) URL), else a local file.

        Rings: `transaction` and `access` are the gateway's; `partners` and `referrals` sign those services' statements.
        """
        return os.environ.get(f"VEREDA_{ring.upper()}_JWKS") or str(self.keys / ring / "jwks.json")

    def service_url(self, name: str) -> str:
        """Where other services reach this one: `VEREDA_<NAME>_URL`, else its port on this machine."""
        set_ = os.environ.get(f"VEREDA_{name.upper()}_URL")
        return (set_ or f"http://127.0.0.1:{self.service_port(name)}").rstrip("/")

    def service_port(self, name: str) -> int:
        """Port of a service on one machine: 4001 partners, 4002 referrals, 4003 grants by default."""
        return self.port + 1 + SERVICES.index(name)


def load_settings() -> Settings:
    """The settings of this process.

    Raises: OperatorError naming the variable, when one has a value that makes no sense.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"VEREDA_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()
        )
        raise OperatorError(f"Some settings make no sense: {problems}.") from None
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()})


def database_url(name: str) -> str:
    """URL of one process's own database: `VEREDA_<NAME>_DATABASE_URL`, else that of the running `vereda up`.

    Raises: OperatorError when there is neither.
    """
    variable = f"VEREDA_{name.upper()}_DATABASE_URL"
    url = os.environ.get(variable) or Running.read(load_settings()).database_urls.get(name)
    if not url:
        raise OperatorError(
            f"{variable} is not set and nothing runs here: start the network with `vereda up`."
        )
    return url


def requests_url(name: str) -> str | None:
    """`VEREDA_<NAME>_REQUESTS_DATABASE_URL`: the same database for the role of requests, where that is set.

    Otherwise its role has the owner's name with `_request`, and the owner's password (`vereda.database.request_url`).
    """
    return os.environ.get(f"VEREDA_{name.upper()}_REQUESTS_DATABASE_URL") or None


@dataclass(frozen=True, slots=True)
class Running:
    """What `vereda up` tells other commands on this machine, in `VEREDA_HOME/running.json` while it runs."""

    gateway_url: str | None = None
    database_urls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, settings: Settings) -> Running:
        """The running network of this `VEREDA_HOME`; an empty one when nothing runs."""
        try:
            found = json.loads((settings.home / _RUNNING).read_text())
            return cls(found["gateway_url"], dict(found["database_urls"]))
        except (OSError, ValueError, TypeError, KeyError):
            return cls()

    def write(self, settings: Settings) -> None:
        path = settings.home / _RUNNING
        path.touch(mode=0o600)
        path.write_text(
            json.dumps({"gateway_url": self.gateway_url, "database_urls": dict(self.database_urls)})
        )

    @staticmethod
    def clear(settings: Settings) -> None:
        (settings.home / _RUNNING).unlink(missing_ok=True)
