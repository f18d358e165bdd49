"""The gateway's own database: clients and tokens (`oauth`), people who sign in (`people`), what guards share (`guard`)."""

from pathlib import Path
from typing import Final

from gateway.store.guard import RateBucket, TrustedDocument
from gateway.store.oauth import (
    AccessToken,
    AuthorizationCode,
    ClientGrant,
    OAuthClient,
    PushedRequest,
    RefreshToken,
    SeenToken,
    TokenFamily,
)
from gateway.store.people import (
    Invitation,
    Letter,
    Membership,
    OrganizationName,
    Passkey,
    PasskeyChallenge,
    Person,
    RecoveryCode,
    Role,
    SecurityEvent,
    Session,
    SignIn,
    SignInFailures,
)
from gateway.store.tables import Base

#: Where `vereda.migrations.migrate` finds the revisions and policies of this database.
FOLDER: Final = Path(__file__).parent

__all__ = [
    "FOLDER",
    "AccessToken",
    "AuthorizationCode",
    "Base",
    "ClientGrant",
    "Invitation",
    "Letter",
    "Membership",
    "OAuthClient",
    "OrganizationName",
    "Passkey",
    "PasskeyChallenge",
    "Person",
    "PushedRequest",
    "RateBucket",
    "RecoveryCode",
    "RefreshToken",
    "Role",
    "SecurityEvent",
    "SeenToken",
    "Session",
    "SignIn",
    "SignInFailures",
    "TokenFamily",
    "TrustedDocument",
]
