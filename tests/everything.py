"""An object of each kind of resource, for the walks over all endpoints."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger import ids
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller
from tests.sales import one_of_each


def one_of_everything(caller: Caller) -> dict[str, str]:
    """An object of each kind, all of them called "secret"; the ids by resource."""
    open_chart(caller)
    file = SimpleUploadedFile("secret.txt", b"secret")
    document = caller.upload("/v1/documents", {"file": file, "reference": "secret"}).body
    entry = caller.post("/v1/journal-entries", rent(reference="secret", attachments=[document["id"]])).body
    draft = caller.post("/v1/journal-entries", rent(reference="draft", status="draft")).body
    endpoint = caller.post("/v1/webhook-endpoints", {"url": "https://globex.example/hook", "events": ["*"]}).body
    delivery = caller.post(f"/v1/webhook-endpoints/{endpoint['id']}/test").body
    application = {"name": "secret", "redirect_uris": ["https://secret.example/"]}
    return {
        # Numbered are only events that are committed: tests/events/test_log.py reads another tenant's.
        "events": ids.encode("evt", ids.new_id()),
        "webhook_endpoints": endpoint["id"],
        "webhook_deliveries": delivery["id"],
        "accounts": caller.get("/v1/accounts/acc_1000").body["id"],
        "journal_entries": entry["id"],
        "documents": document["id"],
        "draft": draft["id"],
        "api_keys": caller.post("/v1/api-keys", {"name": "secret", "scopes": ["read"]}).body["id"],
        "signing_secrets": caller.post("/v1/signing-secrets", {}).body["id"],
        "oauth_applications": caller.post("/v1/oauth-applications", application).body["id"],
        "members": caller.get("/v1/members").body["data"][0]["id"],
        "invitations": caller.post("/v1/invitations", {"email": "secret@globex.example", "role": "viewer"}).body["id"],
        **one_of_each(caller),
    }
