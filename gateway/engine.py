"""From a request to its answer: prepare its operation (once), take its variables, run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from random import random
from typing import Any

import orjson
from graphql import OperationType
from graphql.execution.values import get_variable_values

from gateway.codes import GatewayCode
from gateway.executor import Result
from gateway.guard import Limits, RefusedError, check_variables
from gateway.guard.load import Load
from gateway.guard.rates import Buckets, LocalBuckets, RateLimits
from gateway.guard.rates.limiting import LEAST, REFUSED
from gateway.guard.trusted import Documents, UnknownDocumentError
from gateway.identity import Identity
from gateway.planner import PlanningLimits
from gateway.preparing import Prepared, Preparing
from gateway.request import GraphQLRequest, Refused
from gateway.supergraph import Supergraph
from gateway.supergraph.labels import labels_in_force
from gateway.transport import DEADLINE, InFlight, Transport
from vereda.deadline import Deadline


class Engine:
    """Answers requests over one supergraph, which may be replaced while requests run."""

    def __init__(
        self,
        supergraph: Supergraph,
        transport: Transport,
        *,
        limits: Limits | None = None,
        planning: PlanningLimits | None = None,
        development: bool = False,
        introspection_scope: str | None = None,
        share_answers: bool = False,
        override_labels: frozenset[str] = frozenset(),
        refuse_unauthorized: bool = False,
        documents: Documents | None = None,
        buckets: Buckets | None = None,
    ) -> None:
        """`development`: introspection is answered, and validation messages name what the schema holds. The same holds for
        callers with the scope `introspection_scope`.

        `share_answers`: equal queries of one caller that are under way at the same time are answered once.
        `override_labels`: labels of progressive `@override`s that the operator puts in force.
        `refuse_unauthorized`: an operation of which a part is closed to its caller is not executed at all.
        `buckets`: where costs in a minute are counted; default: in this process.
        `documents`: those that may be asked for by name; default: such as callers made known (automatic persisted
        queries).
        """
        self._override_labels = override_labels
        self._transport = transport
        self._under_way: InFlight[Result] | None = InFlight() if share_answers else None
        self._limits = limits or Limits()
        self._development = development
        self._introspection_scope = introspection_scope
        self._planning = planning
        self.rates = RateLimits(
            buckets or LocalBuckets(time.monotonic),
            client_per_minute=self._limits.cost_per_minute,
            organization_per_minute=self._limits.organization_cost_per_minute,
        )
        self.load = Load(self._limits.requests, self._limits.client_requests, self._limits.lag_s)
        self._documents = documents or Documents()
        self._refuse_unauthorized = refuse_unauthorized
        self._preparing = self._prepare(supergraph)

    @property
    def supergraph(self) -> Supergraph:
        return self._preparing.supergraph

    def swap(self, supergraph: Supergraph) -> None:
        """Answer by `supergraph` from the next request on; requests under way finish by the one they began with."""
        self._preparing = self._prepare(supergraph)

    def _prepare(self, supergraph: Supergraph) -> Preparing:
        return Preparing(
            supergraph,
            self._limits,
            self._planning,
            refuse_unauthorized=self._refuse_unauthorized,
        )

    async def execute(
        self, request: GraphQLRequest, identity: Identity, wait_s: float | None = None
    ) -> Result:
        """`wait_s`: for how long the caller waits, where that is less than the limit.

        Raises: ReadOnlyError, TooManyRequestsError, OverloadedError.
        """
        most_s = self._limits.deadline_s
        deadline = Deadline(time.monotonic() + (most_s if wait_s is None else min(wait_s, most_s)))
        token = DEADLINE.set(deadline)
        try:
            with self.load.one_more(identity):
                return await self._answer(request, identity)
        finally:
            DEADLINE.reset(token)

    async def _answer(self, request: GraphQLRequest, identity: Identity) -> Result:
        preparing = self._preparing
        labels = self._labels(preparing.supergraph)
        sent = request.query
        try:
            closed = self._documents.closed(identity) and not request.installed
            if request.document_name is not None or closed:
                request = await self._found(request, identity)
            lacking = preparing.lacking(identity)
            told = self._development or self._introspection_scope in identity.scopes
            prepared = preparing.known(request, labels, lacking, told) or await preparing.make(
                request, labels, lacking, told
            )
            if sent and request.document_name is not None:
                self._documents.learn(sent, request.document_name)
            variables = self._variables(preparing.supergraph, prepared, request.variables)
            if prepared.undecided is not None:
                prepared = await preparing.decide(prepared, variables)
            estimated = prepared.cost.estimated(variables)
        except Refused as refusal:
            await self.rates.admit(identity, REFUSED)
            return refusal.result
        except RefusedError as error:
            await self.rates.admit(identity, REFUSED)
            return Refused.by_guard(error).result
        charge = await self.rates.admit(identity, estimated)
        if not charge.taken and not request.report_cost:
            return await self._run(prepared, variables, identity)
        actual = estimated  # where it is never known
        try:
            result = await self._run(prepared, variables, identity)
            actual = prepared.cost.actual(result.data, variables, prepared.program.entity_types)
        finally:
            self.rates.settle(charge, max(actual, LEAST))
        if request.report_cost:
            cost = {"estimated": estimated, "actual": actual, "maximum": self._limits.cost}
            return replace(result, extensions={**result.extensions, "cost": cost})
        return result

    async def _found(self, request: GraphQLRequest, identity: Identity) -> GraphQLRequest:
        """The request with its document's text. Raises: Refused, RefusedError."""
        try:
            text = await self._documents.find(request.query, request.document_name, identity)
        except UnknownDocumentError:
            # The very words of Apollo's protocol: its clients send the whole document then.
            raise Refused.because(GatewayCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound") from None
        return replace(request, query=text)

    async def _run(self, prepared: Prepared, variables: Mapping[str, Any], identity: Identity) -> Result:
        answer = partial(prepared.program.run, variables, self._transport.send, identity.headers)
        if self._under_way is None:
            return await answer()
        if prepared.operation.operation is OperationType.QUERY:
            key = (identity.key, *identity.headers.items(), prepared, orjson.dumps(variables))
            return await self._under_way.share(key, answer)
        self._under_way.forget()
        try:
            return await answer()
        finally:
            self._under_way.forget()

    def _labels(self, supergraph: Supergraph) -> frozenset[str]:
        """The override labels that are in force for one request."""
        known = supergraph.override_labels
        if not known:
            return known
        return labels_in_force(known, self._override_labels, random())  # noqa: S311 (a share of requests, no secret)

    def _variables(
        self, supergraph: Supergraph, prepared: Prepared, given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The client's values as they were given, with the operation's defaults; others are dropped.

        Raises: Refused, RefusedError.
        """
        definitions = prepared.operation.variable_definitions
        if not definitions:
            return {}
        check_variables(given, self._limits)
        values = get_variable_values(
            supergraph.api_schema,
            definitions,
            dict(given),
            max_errors=self._limits.reported_errors,
            hide_suggestions=True,
        )
        if isinstance(values, list):
            raise Refused.by_graphql(values, GatewayCode.BAD_USER_INPUT, about_values=True)
        used = {name: given.get(name, coerced) for name, coerced in values.coerced.items()}
        for name in prepared.program.condition_variables & used.keys():
            if (
                used[name] is None
            ):  # GraphQL §5.8.5 lets a nullable variable with a default stand there, but no null
                message = f"Variable '${name}' decides whether a field is asked for: give true or false."
                raise Refused.because(GatewayCode.BAD_USER_INPUT, message)
        return used
