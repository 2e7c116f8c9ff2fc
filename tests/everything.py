"""An object of each kind of resource, for the walks over all endpoints."""

from __future__ import annotations

from bigledger import ids
from tests.conftest import Caller, host_of
from tests.plugins import modules


def one_of_everything(caller: Caller) -> dict[str, str]:
    """An object of each kind, all of them called "secret"; the ids by resource. Of an app, `tests/<app>/makes.py`
    makes them."""
    made = {resource: found for module in modules("makes") for resource, found in module.one_of_each(caller).items()}
    application = {"name": "secret", "redirect_uris": ["https://secret.example/"]}
    return {
        # Numbered are only events that are committed: tests/events/test_log.py reads another tenant's.
        "events": ids.encode("evt", ids.new_id()),
        "api_keys": caller.post("/v1/api-keys", {"name": "secret", "scopes": ["read"]}).body["id"],
        "signing_secrets": caller.post("/v1/signing-secrets", {}).body["id"],
        "kiosk_links": caller.post("/v1/kiosk-links", {"name": "secret"}).body["id"],
        "oauth_applications": caller.post("/v1/oauth-applications", application).body["id"],
        "members": caller.get("/v1/members").body["data"][0]["id"],
        "invitations": caller.post("/v1/invitations", {"email": f"secret@{host_of(caller)}", "role": "viewer"}).body[
            "id"
        ],
        **made,
    }
