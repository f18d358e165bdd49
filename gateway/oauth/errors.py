"""OAuth errors with descriptions of our own: they repeat nothing that the request said, and tell no client from none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, UnsupportedGrantTypeError

_BASIC: Final = 'Basic realm="oauth", charset="UTF-8"'


class UnknownClientError(InvalidClientError):  # type: ignore[misc]
    """RFC 6749 §5.2: the same for an unknown client, a disabled one, a wrong secret and none at all."""

    description = "The client is unknown or its credentials are wrong."
    status_code = 401

    def get_headers(self) -> list[tuple[str, str]]:
        plain = [header for header in super().get_headers() if header[0] != "WWW-Authenticate"]
        return [*plain, ("WWW-Authenticate", _BASIC)]


class AssertionRefusedError(UnknownClientError):
    """RFC 7521 §4.2.1: the client is who it says, and is told what is wrong with its assertion."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.description = f"The client assertion is refused. {problem}"


class UnsupportedGrantError(UnsupportedGrantTypeError):  # type: ignore[misc]
    """RFC 6749 §5.2."""

    def __init__(self, supported: Sequence[str]) -> None:
        super().__init__(None)
        self._supported = supported

    def get_error_description(self) -> str:
        return f"The grant_type is not supported. Supported: {', '.join(self._supported)}."


class UnsupportedResponseError(OAuth2Error):  # type: ignore[misc]
    """RFC 6749 §4.1.2.1: there is no implicit grant, and no mixture with one (RFC 9700 §2.1.2)."""

    error = "unsupported_response_type"
    description = "The response_type must be code."


class UnsupportedRequestError(OAuth2Error):  # type: ignore[misc]
    """OpenID Connect Core §3.1.2.6: requests by value or by reference (RFC 9101) are not read here."""

    description = "Send the parameters themselves."

    def __init__(self, parameter: str) -> None:
        super().__init__(error=f"{parameter}_not_supported")


class InteractionError(OAuth2Error):  # type: ignore[misc]
    """OpenID Connect Core §3.1.2.6: the person would have to be asked (`login_required`, `consent_required`), and the
    request says not to (`prompt=none`)."""

    description = "The person has to be asked something first."


class InvalidProofError(OAuth2Error):  # type: ignore[misc]
    """RFC 9449 §5: the DPoP proof is missing where there must be one, or cannot be taken."""

    error = "invalid_dpop_proof"


class ProofNonceError(OAuth2Error):  # type: ignore[misc]
    """RFC 9449 §8."""

    error = "use_dpop_nonce"

    def __init__(self, nonce: str, description: str) -> None:
        super().__init__(description)
        self._nonce = nonce

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("DPoP-Nonce", self._nonce)]


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """RFC 8707 §2."""

    error = "invalid_target"
    description = "Tokens are given for this network's GraphQL endpoint only."


class TooManyAttemptsError(OAuth2Error):  # type: ignore[misc]
    """RFC 6585 §4, with an error code of RFC 6749 §4.1.2.1."""

    error = "temporarily_unavailable"
    description = "Too many failed attempts: wait before the next."
    status_code = 429

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", str(math.ceil(self.wait_s)))]


class UnavailableError(OAuth2Error):  # type: ignore[misc]
    """RFC 9110 §15.6.4, with an error code of RFC 6749 §4.1.2.1."""

    error = "temporarily_unavailable"
    description = "Tokens cannot be given or looked up just now: try again in a moment."
    status_code = 503

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", "1")]
