"""What the gateway is told at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.guard import Limits
from gateway.passing.prefixes import passed_paths
from gateway.planner import PlanningLimits
from gateway.policies import Policies
from gateway.transport import TransportLimits
from vereda.errors import OperatorError

URLS_VARIABLE: Final = "VEREDA_SUBGRAPH_URLS"
LABELS_VARIABLE: Final = "VEREDA_OVERRIDE_LABELS"
TIMEOUTS_VARIABLE: Final = "VEREDA_SUBGRAPH_TIMEOUTS"
UNAUTHORIZED_VARIABLE: Final = "VEREDA_UNAUTHORIZED"
LIMIT_PREFIX: Final = "VEREDA_LIMIT_"
POLICY_PREFIX: Final = "VEREDA_"


class Unauthorized(StrEnum):
    """What becomes of an operation of which a part is closed to its caller."""

    NULL = "null"
    """That part is null, with an error at its place; the rest is answered."""
    REFUSE = "refuse"
    """Nothing of it is executed."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    supergraph: Path
    """File with the supergraph's SDL; watched, and swapped in when it changes."""
    subgraph_urls: Mapping[str, str] = field(default_factory=dict)
    """Addresses that replace those in the supergraph, by subgraph name."""
    subgraph_timeouts: Mapping[str, float] = field(default_factory=dict)
    """Seconds that a subgraph has for one answer, by its name, in place of `limits.subgraph_s`."""
    passed_paths: Mapping[str, str] = field(default_factory=dict)
    """Prefixes of paths that a subgraph serves besides its graph, each with that subgraph's name."""
    override_labels: frozenset[str] = frozenset()
    """Labels of progressive `@override`s that are in force; shares such as `percent(20)` need not be named."""
    unauthorized: Unauthorized = Unauthorized.NULL
    """By `@authenticated`, `@requiresScopes` and `@policy` in the supergraph."""
    share_reads: bool = False
    """Whether equal reads of one caller that are under way at the same time are asked once, of subgraphs and of this
    gateway. Off by default: who asks after a consent was revoked must not be given what was asked before."""
    development: bool = False
    """Introspection, full validation messages and GraphiQL are for development only."""
    limits: Limits = field(default_factory=Limits)
    policies: Policies = field(default_factory=Policies)
    watch_interval_s: float = 1.0

    @classmethod
    def from_environment(
        cls, supergraph: Path, *, development: bool, share_reads: bool = False
    ) -> GatewaySettings:
        """What the variables of docs/operate.md say. Raises: OperatorError naming one that makes no sense."""
        return cls(
            supergraph,
            subgraph_urls=subgraph_urls(),
            subgraph_timeouts=subgraph_timeouts(),
            passed_paths=passed_paths(),
            override_labels=override_labels(),
            unauthorized=unauthorized(),
            share_reads=share_reads,
            development=development,
            limits=load_limits(),
            policies=load_policies(),
        )

    @property
    def introspects(self) -> bool:
        """Whether everybody may ask for the schema."""
        said = self.policies.introspection
        return self.development if said == "development" else said == "on"

    @property
    def introspection_scope(self) -> str | None:
        """The scope whose holders may ask for the schema."""
        said = self.policies.introspection
        return None if said in ("on", "off", "development") else said

    @property
    def planning_limits(self) -> PlanningLimits:
        return PlanningLimits(time_s=self.limits.plan_s)

    @property
    def transport_limits(self) -> TransportLimits:
        return TransportLimits(
            answer_timeout_s=self.limits.subgraph_s,
            answer_timeouts_s=self.subgraph_timeouts,
            largest_answer=self.limits.subgraph_answer_bytes,
            connections=self.limits.subgraph_connections,
            failures_to_open=self.limits.breaker_failures,
            rest_s=self.limits.breaker_rest_s,
            retry_share=self.limits.retry_share,
        )


class _LimitsOfEnvironment(Limits, BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=LIMIT_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )


class _PoliciesOfEnvironment(Policies, BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=POLICY_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )


def load_limits() -> Limits:
    """The limits that `VEREDA_LIMIT_*` variables set; the others have their defaults.

    Raises: OperatorError naming the variable, when one has a value that makes no sense.
    """
    try:
        return Limits(**_LimitsOfEnvironment().model_dump(exclude_unset=True))
    except ValidationError as error:
        raise _senseless(LIMIT_PREFIX, error) from None


def load_policies() -> Policies:
    """The policies that variables set; the others have their defaults. Raises: OperatorError, as `load_limits`."""
    try:
        return Policies(**_PoliciesOfEnvironment().model_dump(exclude_unset=True))
    except ValidationError as error:
        raise _senseless(POLICY_PREFIX, error) from None


def _senseless(prefix: str, error: ValidationError) -> OperatorError:
    """Names variables, never their values."""
    problems = "; ".join(
        f"{prefix}{str(e['loc'][0]).upper().removeprefix(prefix)}: {e['msg']}" for e in error.errors()
    )
    return OperatorError(f"Some settings make no sense: {problems}.")


def subgraph_urls(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The addresses in `VEREDA_SUBGRAPH_URLS`, written `partners=http://127.0.0.1:4001/graphql,referrals=...`.

    Raises: OperatorError when it is not written so.
    """
    urls = _by_name(environment, URLS_VARIABLE, "name=http://host:port/path,...")
    for entry, url in urls.items():
        if not url.startswith(("http://", "https://")):
            raise _unreadable(URLS_VARIABLE, "name=http://host:port/path,...", f"{entry}={url}")
    return urls


def subgraph_timeouts(environment: Mapping[str, str] = os.environ) -> dict[str, float]:
    """The seconds in `VEREDA_SUBGRAPH_TIMEOUTS`, written `partners=2.5,grants=20`.

    Raises: OperatorError when it is not written so.
    """
    form = "name=seconds,..."
    timeouts = {}
    for name, value in _by_name(environment, TIMEOUTS_VARIABLE, form).items():
        try:
            timeouts[name] = float(value)
        except ValueError:
            raise _unreadable(TIMEOUTS_VARIABLE, form, f"{name}={value}") from None
        if not 0 < timeouts[name] < float("inf"):
            raise _unreadable(TIMEOUTS_VARIABLE, form, f"{name}={value}")
    return timeouts


def override_labels(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The labels in `VEREDA_OVERRIDE_LABELS`, with commas between them."""
    return frozenset(_listed(environment, LABELS_VARIABLE))


def unauthorized(environment: Mapping[str, str] = os.environ) -> Unauthorized:
    """What `VEREDA_UNAUTHORIZED` says: `null` (default) or `refuse`. Raises: OperatorError for anything else."""
    said = environment.get(UNAUTHORIZED_VARIABLE) or Unauthorized.NULL
    try:
        return Unauthorized(said)
    except ValueError:
        raise OperatorError(
            f"{UNAUTHORIZED_VARIABLE} must be `null` or `refuse` ({said!r} is not)."
        ) from None


def _listed(environment: Mapping[str, str], variable: str) -> list[str]:
    return [part.strip() for part in environment.get(variable, "").split(",") if part.strip()]


def _by_name(environment: Mapping[str, str], variable: str, form: str) -> dict[str, str]:
    found = {}
    for entry in _listed(environment, variable):
        name, equals, value = entry.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise _unreadable(variable, form, entry)
        found[name.strip()] = value.strip()
    return found


def _unreadable(variable: str, form: str, entry: str) -> OperatorError:
    return OperatorError(f"{variable} must be written {form} ({entry!r} is not).")
