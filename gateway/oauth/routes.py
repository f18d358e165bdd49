"""The OAuth routes of the gateway, and the parts that they are made of."""

from __future__ import annotations

from authlib.common.security import is_secure_transport
from starlette.routing import Route

from gateway.backoff import Backoff
from gateway.oauth.access import AccessTokens
from gateway.oauth.assertions import AssertionCheck
from gateway.oauth.authentication import ClientAuthentication
from gateway.oauth.authorize import PATH, AuthorizationEndpoint
from gateway.oauth.client_keys import ClientKeys
from gateway.oauth.endpoints import Endpoints
from gateway.oauth.families import Families
from gateway.oauth.metadata import metadata_routes
from gateway.oauth.nonces import Nonces
from gateway.oauth.proofs import ProofCheck
from gateway.oauth.pushed import PATH as PAR
from gateway.oauth.pushed import PushedRequests
from gateway.oauth.replays import SeenTokens
from gateway.outbound import Outbound
from gateway.people import Sessions
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.keys import key_ring
from vereda.settings import Settings


def routes(
    settings: Settings,
    database: Database,
    *,
    backoff: Backoff | None = None,
    outbound: Outbound | None = None,
) -> list[Route]:
    """`/oauth/authorize`, `/oauth/par`, `/oauth/token`, `/oauth/revoke`, `/oauth/introspect` and the well-known documents.

    Raises: OperatorError when the public URL is neither https nor loopback (RFC 6749 §3.2 demands TLS).
    """
    if not is_secure_transport(settings.public_url):
        raise OperatorError(
            f"VEREDA_ISSUER is {settings.public_url}: tokens go over https only, except on this machine itself."
        )
    tokens = AccessTokens(settings, database)
    seen = SeenTokens(database)
    assertions = AssertionCheck(
        frozenset({tokens.issuer, f"{tokens.issuer}/oauth/token"}),
        ClientKeys(outbound or Outbound.of(settings)),
        seen,
    )
    families = Families(settings, database)
    authorization = AuthorizationEndpoint(
        database,
        families,
        Sessions(settings, database),
        pushed=PushedRequests(database),
        issuer=tokens.issuer,
        audience=tokens.audience,
    )
    endpoints = Endpoints(
        database,
        tokens,
        families,
        ClientAuthentication(database, backoff or Backoff.of(settings, database), assertions),
        ProofCheck(Nonces.of(settings, "authorization server"), seen),
        authorization,
    )
    return [
        Route(PATH, authorization.ask, methods=["GET"]),
        Route(PATH, authorization.decide, methods=["POST"]),
        Route(PAR, endpoints.push, methods=["POST"]),
        Route("/oauth/token", endpoints.token, methods=["POST"]),
        Route("/oauth/revoke", endpoints.revoke, methods=["POST"]),
        Route("/oauth/introspect", endpoints.introspect, methods=["POST"]),
        *metadata_routes(tokens, key_ring(settings, "transaction")),
    ]
