"""Closed sets, under the names that they have in the graph."""

from __future__ import annotations

from typing import Final

import strawberry

from gateway.accounts.domain.authority import Kind
from gateway.accounts.operations.members import MemberStatus
from gateway.oauth.client import AuthMethod, GrantType
from gateway.store import Role
from vereda.caller import Scope

_ENUMS: Final = (
    (Role, "MemberRole", "What a person is in an organisation; what each may is in docs/administration.md."),
    (MemberStatus, "MemberStatus", "INVITED: has set no password yet. DISABLED: is let in nowhere."),
    (Kind, "CallerKind", "Who a token speaks for."),
    (
        AuthMethod,
        "ApiClientAuthentication",
        "How a system proves who it is; ASSERTION: by a key of its own (RFC 7523).",
    ),
    (GrantType, "OAuthGrant", "How a system comes by tokens (RFC 7591 `grant_types`)."),
    (Scope, "OAuthScope", "A right that a token carries, such as REFERRAL_SEND for `referral:send`."),
)
for _kind, _name, _description in _ENUMS:
    strawberry.enum(_kind, name=_name, description=_description)
