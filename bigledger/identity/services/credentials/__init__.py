"""API keys, signing secrets, links of kiosks and OAuth applications. Only the answer that creates a secret shows it."""

from bigledger.identity.services.credentials.api_keys import create_api_key, revoke_api_key
from bigledger.identity.services.credentials.applications import (
    create_application,
    delete_application,
    rotate_application_secret,
    update_application,
    void_application_secret,
)
from bigledger.identity.services.credentials.kiosk_links import create_kiosk_link, revoke_kiosk_link
from bigledger.identity.services.credentials.signing_secrets import create_signing_secret, revoke_signing_secret

__all__ = [
    "create_api_key",
    "create_application",
    "create_kiosk_link",
    "create_signing_secret",
    "delete_application",
    "revoke_api_key",
    "revoke_kiosk_link",
    "revoke_signing_secret",
    "rotate_application_secret",
    "update_application",
    "void_application_secret",
]
