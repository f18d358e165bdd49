"""OAuth 2.1: the authorization server, the check of access tokens, and the swap for transaction tokens.

Outside in: `endpoints` (routes) -> `requests`, `authentication` -> `server` (authlib) -> `access` (tokens), `clients`
(register) -> `models`. `authenticator` is what the engine knows of it.
"""

from pathlib import Path
from typing import Final

from gateway.oauth.authenticator import OAuthAuthenticator
from gateway.oauth.endpoints import routes

#: Where `vereda.migrations.migrate` finds the revisions and policies of the gateway's database.
FOLDER: Final = Path(__file__).parent

__all__ = ["FOLDER", "OAuthAuthenticator", "routes"]
