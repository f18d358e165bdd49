"""What `vereda gateway` and `vereda plan` do; the command line itself is `vereda.cli`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import orjson
from graphql import GraphQLError, parse

from gateway.app import create_app
from gateway.identity import NoAuthentication
from gateway.planner import Planner, PlanningError, to_json, to_text
from gateway.settings import GatewaySettings, override_labels
from gateway.watching import SupergraphFile
from vereda.errors import OperatorError
from vereda.loopback import is_loopback
from vereda.serving import serve as serve_app
from vereda.settings import Environment, load_settings
from vereda.telemetry import configure_logging

#: Limits of the stand-alone gateway that are not the network's: it knows nothing of its graph, and who asks is on this
#: machine. Graphs that say nothing of their lists' sizes are estimated too high.
STAND_ALONE: Final = {"cost": 1_000_000, "page_size": 100_000}


def serve(supergraph: Path, host: str, port: int, auth: str, dedupe: bool = False) -> None:
    """A stand-alone gateway over any Federation 2 supergraph, until it is told to stop.

    `auth`: only `none`, which lets everybody in, and so is for loopback addresses only. The network's own gateway,
    with OAuth, is started by `vereda up`. `dedupe`: see `GatewaySettings.share_reads`.

    Raises: OperatorError.
    """
    if auth != "none":
        raise OperatorError(f"The stand-alone gateway knows only --auth none, not {auth!r}.")
    if not is_loopback(host):
        raise OperatorError(
            f"--auth none lets everybody in: it is for loopback addresses, and {host} is none."
        )
    settings = load_settings()
    configure_logging(settings, "gateway")
    development = settings.environment is Environment.DEVELOPMENT
    gateway = GatewaySettings.from_environment(supergraph, development=development, share_reads=dedupe)
    told = gateway.limits.model_fields_set
    limits = gateway.limits.model_copy(
        update={name: most for name, most in STAND_ALONE.items() if name not in told}
    )
    serve_app(create_app(replace(gateway, limits=limits), NoAuthentication()), host, port)


def show_plan(supergraph: Path, operation: Path, as_json: bool) -> str:
    """The query plan of the one operation in the file `operation`, under the override labels of the environment.

    Raises: OperatorError when a file cannot be read, or there is no plan.
    """
    graph = SupergraphFile(supergraph).read()
    try:
        document = parse(operation.read_text())
        plan = Planner(graph.under(override_labels())).plan(document, None)
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"The operation {operation} cannot be read: {error}.") from None
    except GraphQLError as error:
        raise OperatorError(f"{operation} is no GraphQL document: {error.message}") from None
    except PlanningError as error:
        raise OperatorError(f"{operation} cannot be planned: {error}") from None
    return orjson.dumps(to_json(plan), option=orjson.OPT_INDENT_2).decode() if as_json else to_text(plan)
