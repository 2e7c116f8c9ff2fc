"""Everybody and everything that comes in with a credential."""

from bigledger.access.models.oauth import AccessToken, Application, Grant, IDToken, RefreshToken
from bigledger.access.models.people import ApiKey, Invitation, Membership, Role, SigningSecret, User, UserManager

__all__ = [
    "AccessToken",
    "ApiKey",
    "Application",
    "Grant",
    "IDToken",
    "Invitation",
    "Membership",
    "RefreshToken",
    "Role",
    "SigningSecret",
    "User",
    "UserManager",
]
