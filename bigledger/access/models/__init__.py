"""Users, memberships and credentials."""

from bigledger.access.models.kiosks import KioskLink
from bigledger.access.models.oauth import AccessToken, Application, Grant, IDToken, RefreshToken
from bigledger.access.models.page_sessions import PageSession
from bigledger.access.models.passkeys import Passkey, RecoveryCodes
from bigledger.access.models.people import (
    ApiKey,
    Invitation,
    Membership,
    Role,
    SignIn,
    SigningSecret,
    User,
    UserManager,
)
from bigledger.access.models.second_factor import Authenticator

__all__ = [
    "AccessToken",
    "ApiKey",
    "Application",
    "Authenticator",
    "Grant",
    "IDToken",
    "Invitation",
    "KioskLink",
    "Membership",
    "PageSession",
    "Passkey",
    "RecoveryCodes",
    "RefreshToken",
    "Role",
    "SignIn",
    "SigningSecret",
    "User",
    "UserManager",
]
