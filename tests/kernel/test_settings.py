"""Settings come from the environment; one that makes no sense is named, and nothing is guessed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from vereda.errors import OperatorError
from vereda.settings import (
    DATABASES,
    SERVICES,
    Environment,
    LogFormat,
    Running,
    Settings,
    database_url,
    load_settings,
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment in which nothing of ours is set but the state folder."""
    for name in [name for name in os.environ if name.startswith("VEREDA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VEREDA_HOME", str(tmp_path))
    return monkeypatch


def test_nothing_needs_to_be_set(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("VEREDA_HOME")
    environment.chdir(tmp_path)

    settings = load_settings()

    assert settings.home == tmp_path / ".vereda"
    assert (settings.host, settings.port) == ("127.0.0.1", 4000)
    assert (settings.database_url, settings.environment) == (None, Environment.DEVELOPMENT)


def test_what_is_set_is_taken(environment: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "5000",
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "debug",
        "ENVIRONMENT": "production",
        "ISSUER": "https://graph.example.org/",
        "STATEMENT_TIMEOUT_S": "2.5",
    }.items():
        environment.setenv(f"VEREDA_{name}", value)

    settings = load_settings()

    assert (settings.port, settings.log_format, settings.log_level) == (5000, LogFormat.JSON, "DEBUG")
    assert settings.environment is Environment.PRODUCTION
    assert (settings.public_url, settings.statement_timeout_s) == ("https://graph.example.org", 2.5)


def test_a_variable_that_is_set_to_nothing_is_not_set(environment: pytest.MonkeyPatch) -> None:
    """As compose files leave them."""
    for name in ("PORT", "DATABASE_URL", "LOG_LEVEL", "ISSUER"):
        environment.setenv(f"VEREDA_{name}", "")

    assert load_settings() == Settings(home=load_settings().home)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VEREDA_PORT", "eighty"),
        ("VEREDA_PORT", "0"),
        ("VEREDA_PORT", "65501"),
        ("VEREDA_PORT", "-1"),
        ("VEREDA_ENVIRONMENT", "staging"),
        ("VEREDA_LOG_FORMAT", "xml"),
        ("VEREDA_LOG_LEVEL", "loud"),
        ("VEREDA_DATABASE_POOL", "0"),
        ("VEREDA_DATABASE_POOL", "many"),
        ("VEREDA_STATEMENT_TIMEOUT_S", "0"),
        ("VEREDA_STATEMENT_TIMEOUT_S", "soon"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_by_its_variable(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    environment.setenv(variable, value)

    with pytest.raises(OperatorError, match=f"Some settings make no sense: {variable}: ") as refused:
        load_settings()

    assert refused.value.__suppress_context__


def test_all_values_that_make_no_sense_are_told_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("VEREDA_PORT", "eighty")
    environment.setenv("VEREDA_LOG_LEVEL", "loud")

    with pytest.raises(OperatorError, match=r"VEREDA_PORT: .*; VEREDA_LOG_LEVEL: .*'WARNING'"):
        load_settings()


def test_a_home_may_be_written_with_a_tilde(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("HOME", str(tmp_path))
    environment.setenv("VEREDA_HOME", "~/state")

    assert load_settings().home == tmp_path / "state"


def test_services_stand_beside_the_gateway_on_the_next_ports() -> None:
    settings = Settings(port=6000)

    assert [settings.service_port(name) for name in SERVICES] == [6001, 6002, 6003]
    assert DATABASES == ("partners", "referrals", "grants", "gateway")


def test_keys_are_looked_for_where_the_operator_says_else_in_the_state_folder(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_settings()
    environment.setenv("VEREDA_TRANSACTION_JWKS", "https://graph.example.org/keys")
    environment.setenv("VEREDA_PARTNERS_JWKS", "")

    assert settings.jwks_location("transaction") == "https://graph.example.org/keys"
    assert settings.jwks_location("partners") == str(tmp_path / "keys/partners/jwks.json")


def test_a_database_is_the_one_of_the_environment_else_that_of_the_running_network(
    environment: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(OperatorError, match="VEREDA_GRANTS_DATABASE_URL is not set and nothing runs here"):
        database_url("grants")

    Running("http://127.0.0.1:4000", {"grants": "postgresql://running"}).write(load_settings())
    assert database_url("grants") == "postgresql://running"
    environment.setenv("VEREDA_GRANTS_DATABASE_URL", "postgresql://given")
    assert database_url("grants") == "postgresql://given"


def test_what_runs_is_told_to_the_same_user_alone_and_forgotten_after(tmp_path: Path) -> None:
    settings, running = load_settings(), Running("http://127.0.0.1:4000", {"grants": "postgresql://x"})

    running.write(settings)

    assert Running.read(settings) == running
    assert stat.S_IMODE((tmp_path / "running.json").stat().st_mode) == 0o600
    Running.clear(settings)
    Running.clear(settings)
    assert Running.read(settings) == Running()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", '{"unknown": 1}', "null", '{"gateway_url": null, "database_urls": null}', "\x00"],
)
def test_a_record_of_what_runs_that_is_none_counts_as_nothing_running(tmp_path: Path, content: str) -> None:
    (tmp_path / "running.json").write_text(content)

    with pytest.raises(OperatorError, match="nothing runs here"):
        database_url("grants")
