"""Counters in the Prometheus text format. They hold codes, statuses and subgraph names: nothing of any request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.executor import Result
from gateway.transport.breaker import State
from gateway.transport.http import SubgraphHealth
from vereda.loopback import is_loopback

#: Set by whatever stands in front: then the peer's address says nothing about who asks.
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")
#: Metric, kind, and which part of a subgraph's health it tells.
_OF_HEALTH: Final = (
    ("vereda_gateway_breaker_open", "gauge", 0),
    ("vereda_gateway_breaker_openings_total", "counter", 1),
    ("vereda_gateway_subgraph_retries_total", "counter", 2),
)


class Metrics:
    """What the gateway has done since it started."""

    def __init__(self) -> None:
        self._statuses: Counter[int] = Counter()
        self._codes: Counter[str] = Counter()
        self._seconds = 0.0
        self._passed: Counter[tuple[str, int]] = Counter()
        self._passed_seconds = 0.0

    def answered(self, status: int, seconds: float, result: Result) -> None:
        self._statuses[status] += 1
        self._seconds += seconds
        for error in result.errors:
            self._codes[str(error.get("extensions", {}).get("code"))] += 1

    def passed(self, subgraph: str, status: int, seconds: float, code: str | None) -> None:
        """A request for a path that `subgraph` serves; `code` where the gateway itself refused it."""
        self._passed[subgraph, status] += 1
        self._passed_seconds += seconds
        if code is not None:
            self._codes[code] += 1

    def text(
        self,
        subgraph_counts: Mapping[tuple[str, str], int],
        health: Mapping[str, SubgraphHealth],
        in_flight: int,
    ) -> str:
        lines = [
            "# TYPE vereda_gateway_requests_in_flight gauge",
            f"vereda_gateway_requests_in_flight {in_flight}",
        ]
        lines += ["# TYPE vereda_gateway_requests_total counter"]
        lines += [
            f'vereda_gateway_requests_total{{status="{status}"}} {count}'
            for status, count in sorted(self._statuses.items())
        ]
        lines += [
            "# TYPE vereda_gateway_request_seconds summary",
            f"vereda_gateway_request_seconds_sum {self._seconds:.6f}",
            f"vereda_gateway_request_seconds_count {self._statuses.total()}",
            "# TYPE vereda_gateway_passed_requests_total counter",
            *(
                f'vereda_gateway_passed_requests_total{{subgraph="{_escaped(name)}",status="{status}"}} {count}'
                for (name, status), count in sorted(self._passed.items())
            ),
            "# TYPE vereda_gateway_passed_request_seconds summary",
            f"vereda_gateway_passed_request_seconds_sum {self._passed_seconds:.6f}",
            f"vereda_gateway_passed_request_seconds_count {self._passed.total()}",
            "# TYPE vereda_gateway_errors_total counter",
        ]
        lines += [
            f'vereda_gateway_errors_total{{code="{_escaped(code)}"}} {count}'
            for code, count in sorted(self._codes.items())
        ]
        lines.append("# TYPE vereda_gateway_subgraph_requests_total counter")
        lines += [
            f'vereda_gateway_subgraph_requests_total{{subgraph="{_escaped(name)}",outcome="{outcome}"}} {count}'
            for (name, outcome), count in sorted(subgraph_counts.items())
        ]
        for metric, kind, position in _OF_HEALTH:
            lines.append(f"# TYPE {metric} {kind}")
            for name, told in sorted(health.items()):
                value = int(told.state is not State.CLOSED) if position == 0 else told[position]
                lines.append(f'{metric}{{subgraph="{_escaped(name)}"}} {value}')
        return "\n".join(lines) + "\n"


def metrics_route(
    metrics: Metrics,
    subgraph_counts: Callable[[], Mapping[tuple[str, str], int]],
    health: Callable[[], Mapping[str, SubgraphHealth]],
    in_flight: Callable[[], int],
) -> Route:
    """`/metrics`, for callers on this machine alone."""

    async def show(request: Request) -> Response:
        if not _is_local(request):
            return PlainTextResponse("Not found\n", status_code=404)
        text = metrics.text(subgraph_counts(), health(), in_flight())
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    return Route("/metrics", show, methods=["GET"])


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(request.client.host)


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
