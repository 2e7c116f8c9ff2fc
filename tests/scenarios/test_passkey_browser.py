"""A passkey in a real browser, with a device in software: made on one's account, and enough to sign in."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from bigledger.access.models import User
from tests.conftest import make_tenant
from tests.running import api_server, free_port
from tests.scenarios.test_hosted_payment import _FLAGS, CHROMIUM

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

PASSWORD = "correct horse battery staple"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_is_made_and_signs_in(committed: None) -> None:
    user = User.objects.get(pk=make_tenant("Keys").principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    port = free_port()
    base = f"http://localhost:{port}"
    with api_server(port=port, PUBLIC_URL=base), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        page = browser.new_page()
        said: list[str] = []
        page.on("pageerror", lambda fault: said.append(str(fault)))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

        page.goto(f"{base}/sign-in?next=/account")
        page.locator("input[type=email]").fill(user.email)
        page.locator("input[type=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name of the device").fill("Laptop")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_text("The passkey Laptop is added.").wait_for()

        page.get_by_role("button", name="Sign out", exact=True).last.click()
        page.get_by_role("button", name="Use a passkey").wait_for()
        page.goto(f"{base}/sign-in?next=/account")
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Your account").wait_for()
        assert said == []
        browser.close()
