"""How django-oauth-toolkit is set; `bigledger/settings.py` takes it from here."""

from __future__ import annotations

OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "bigledger.identity.oauth.scopes.ApplicationScopes",
    # Who needs PKCE is decided in the validator. PKCE_REQUIRED stays away from here: as a dotted name it
    # would switch PKCE off for everyone.
    "OAUTH2_VALIDATOR_CLASS": "bigledger.identity.oauth.validator.Validator",
    "OAUTH2_BACKEND_CLASS": "bigledger.identity.oauth.backend.JsonOrFormBackend",
    "CLIENT_SECRET_HASHER": "random_secret",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 60 * 24 * 3600,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 60,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token", "client_credentials"],
    "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["client_secret_post", "client_secret_basic", "none"],
    # The recommendations of RFC 9700, all of which the toolkit leaves off by default.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
