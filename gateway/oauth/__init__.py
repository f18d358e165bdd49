"""OAuth 2.1: the authorization server, the check of access tokens, and the swap for transaction tokens.

Outside in: `endpoints` (routes) -> `requests`, `authentication` -> `server` (authlib) -> `access` (tokens), `clients`
(register) -> `gateway.store`. `authenticator` is what the engine knows of it.
"""

from gateway.oauth.authenticator import OAuthAuthenticator
from gateway.oauth.routes import routes

__all__ = ["OAuthAuthenticator", "routes"]
