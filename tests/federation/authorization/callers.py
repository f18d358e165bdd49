"""Callers say who they are in headers: the tests are about what follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from gateway.identity import Identity


class AsSaid:
    """Believes `Scopes` and `Policies`, with blanks between; without either header, the caller is nobody."""

    async def authenticate(self, request: Request) -> Identity:
        scopes, policies = request.headers.get("scopes"), request.headers.get("policies")
        if scopes is None and policies is None:
            return Identity("nobody", authenticated=False)
        return Identity(
            f"{scopes}/{policies}",
            scopes=frozenset((scopes or "").split()),
            policies=frozenset((policies or "").split()),
        )


NOBODY: Mapping[str, str] = {}
SOMEBODY: Mapping[str, str] = {"Scopes": ""}


def holding(*scopes: str, policies: str = "") -> Mapping[str, str]:
    return {"Scopes": " ".join(scopes), "Policies": policies}
