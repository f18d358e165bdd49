"""OAuth 2.1: the authorization server, the check of access tokens, and the swap for transaction tokens.

- `routes` -> `endpoints` (token, revoke, introspect) and `authorize` (people) -> `metadata` (what can be found out)
- who asks: `requests` -> `authentication` -> `assertions`, `client_keys` (who signs); `proofs`, `nonces` (DPoP);
  `replays` (once means once)
- what is decided, by authlib: `server` -> `grants`, `exchange`, `inspection`, over `forms` (what was loaded, what came of
  it); `authorizing` (what an application asks for)
- what there is: `client`, `clients`, `registration`, `redirects` (the register), `access` (access tokens), `families` (codes
  and refresh tokens), `documents`, `events`; `gateway.jose` reads what others sign

`authenticator` is what the engine knows of it. Pages and sessions are of `gateway.people`, which knows nothing of this.
"""

from gateway.oauth.authenticator import OAuthAuthenticator
from gateway.oauth.routes import routes

__all__ = ["OAuthAuthenticator", "routes"]
