"""The reference's authentication snippets as they stand there, against a running server.

Nothing of a snippet is changed but the placeholders (YOUR_CLIENT_ID, user_id …) and the host.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from bigledger.access.models import User
from tests.conftest import Caller, make_tenant
from tests.running import api_server

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

PASSWORD = "sturdy kettle 42"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

AUTHORIZE = """
// OAuth 2.0 flow
const oauth = {
  client_id: 'YOUR_CLIENT_ID',
  client_secret: 'YOUR_CLIENT_SECRET',
  redirect_uri: 'https://yourapp.com/callback',
  scope: 'read write',
  grant_type: 'authorization_code'
};
"""
REDIRECT = """
// 1. Redirect user to authorize
window.location = `https://auth.bigledger.com/oauth/authorize?
  client_id=${oauth.client_id}&
  redirect_uri=${oauth.redirect_uri}&
  response_type=code&
  scope=${oauth.scope}`;
"""
EXCHANGE = """
// 2. Exchange code for token
const response = await fetch('https://auth.bigledger.com/oauth/token', {
  method: 'POST',
  headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({
    grant_type: 'authorization_code',
    code: authorizationCode,
    client_id: oauth.client_id,
    client_secret: oauth.client_secret,
    redirect_uri: oauth.redirect_uri
  })
});

const { access_token, refresh_token } = await response.json();
"""
CALLBACK_PAGE = """
const authorizationCode = new URLSearchParams(location.search).get('code');
%s
const accounts = await (await fetch('https://auth.bigledger.com/v1/accounts', {
  headers: {'Authorization': `Bearer ${access_token}`}
})).json();
document.title = accounts.data.map(account => account.name).join() + (refresh_token ? '' : ' (no refresh token)');
"""
JWT_SCRIPT = """
import jwt
import requests
from datetime import datetime, timedelta

# Generate JWT
payload = {
    'sub': 'user_id',
    'iat': datetime.utcnow(),
    'exp': datetime.utcnow() + timedelta(hours=1)
}

token = jwt.encode(payload, 'YOUR_SECRET_KEY', algorithm='HS256')

# Make authenticated request
headers = {'Authorization': f'Bearer {token}'}
response = requests.get('https://api.bigledger.com/v1/accounts', headers=headers)
"""


@contextmanager
def your_app(pages: dict[str, str]) -> Iterator[str]:
    """The integrator's own site: each page runs its script as a module."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = pages.get(self.path.partition("?")[0], "")
            body = f"<!doctype html><title>…</title><script type=module>{script}</script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def owner(committed: None, request: pytest.FixtureRequest) -> Caller:
    caller = make_tenant(f"Snippet-{len(request.node.name)}")
    cash = {"code": "1000", "name": "Cash", "type": "asset", "subtype": "current_asset", "currency": "USD"}
    assert caller.post("/v1/accounts", cash | {"opening_balance": Decimal("50000.00")}).status == 201
    user = User.objects.get(pk=caller.principal.user_id)
    user.set_password(PASSWORD)
    user.save()
    return caller


def test_the_oauth_snippet_in_a_browser(owner: Caller, tmp_path: Path) -> None:
    pages: dict[str, str] = {}
    with api_server() as base, your_app(pages) as site:
        body = {"name": "Your App", "redirect_uris": [f"{site}/callback"]}
        made = owner.post("/v1/oauth-applications", body).body
        email = f"owner@{owner.tenant.name.lower()}.example"

        def filled(script: str) -> str:
            return (
                script.replace("YOUR_CLIENT_ID", made["client_id"])
                .replace("YOUR_CLIENT_SECRET", made["client_secret"])
                .replace("https://yourapp.com", site)
                .replace("https://auth.bigledger.com", base)
            )

        pages["/"] = filled(AUTHORIZE + REDIRECT)
        pages["/callback"] = filled(AUTHORIZE + CALLBACK_PAGE % EXCHANGE)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page()
            page.goto(site)
            page.wait_for_url("**/sign-in?next=**")
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password").fill("not the password")
            page.get_by_role("button", name="Sign in").click()
            page.get_by_text("E-mail address or password is wrong").wait_for()
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("heading", name="Give Your App access to your books?").wait_for()
            assert owner.tenant.name in page.content()
            page.screenshot(path=os.environ.get("SCREENSHOT", str(tmp_path / "consent.png")))
            page.get_by_role("button", name="Allow").click()
            page.wait_for_function("document.title != '…'")
            title = page.title()
            browser.close()
    assert title == "Cash,Opening Balance Equity"


def test_the_jwt_snippet_as_a_script(owner: Caller) -> None:
    with api_server() as base:
        script = (
            JWT_SCRIPT.replace("'user_id'", repr(owner.principal.user_public_id))
            .replace("YOUR_SECRET_KEY", owner.signing_secret)
            .replace("https://api.bigledger.com", base)
        )
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script + "\nprint(response.status_code, response.text)"],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.startswith("200 ")
    assert '"name":"Cash"' in done.stdout
    assert '"balance":50000.00' in done.stdout
