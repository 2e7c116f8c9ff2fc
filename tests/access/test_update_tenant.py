"""update_tenant: PATCH /v1/tenant."""

from __future__ import annotations

from tests.breaking import contents
from tests.conftest import Caller


def test_the_tenants_settings(acme: Caller) -> None:
    before = acme.get("/v1/tenant").body
    assert (before["name"], before["plan"], before["environment"]) == ("Acme", "enterprise", "sandbox")

    assert acme.patch("/v1/tenant", {"time_zone": "Europe/Berlin"}).body["time_zone"] == "Europe/Berlin"
    refused = acme.patch("/v1/tenant", {"plan": "enterprise", "time_zone": "Mars/Olympus", "requests_per_hour": 9})
    assert (refused.status, sorted(refused.fields)) == (400, ["plan", "requests_per_hour", "time_zone"])
    assert acme.get("/v1/tenant").body["time_zone"] == "Europe/Berlin"


def test_a_viewer_may_not(acme: Caller, acme_viewer: Caller) -> None:
    before = contents(acme)

    assert acme_viewer.patch("/v1/tenant", {"time_zone": "Europe/Berlin"}).status == 403
    assert contents(acme) == before
    assert acme.get("/v1/tenant").body["time_zone"] == "UTC"
