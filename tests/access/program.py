"""Driving the OAuth flow as a program and a person would, for the tests beside it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client

from bigledger.access.models import User
from tests.conftest import Answer, Caller

CALLBACK = "https://yourapp.com/callback"
VERIFIER = "a-verifier-of-at-least-43-characters-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Program:
    """An application that was registered, and the browser of the person it asks."""

    client_id: str
    client_secret: str | None
    caller: Caller
    browser: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def sign_in(self) -> None:
        self.browser.force_login(User.objects.get(pk=self.caller.principal.user_id))

    def authorize(self, **more: str) -> HttpResponse:
        """The consent page."""
        query = {"client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code", "scope": "read write"}
        response: HttpResponse = self.browser.get("/oauth/authorize?" + urlencode(query | more))
        return response

    def consent(self, page: HttpResponse, **more: str) -> HttpResponse:
        """Presses Allow on it."""
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()))
        fields |= {"allow": "true", **more}
        response: HttpResponse = self.browser.post("/oauth/authorize", fields)
        return response

    def code(self, **more: str) -> str:
        tenant = {"tenant": more.pop("tenant")} if "tenant" in more else {}
        answer = self.consent(self.authorize(**more), **tenant)
        return parse_qs(urlsplit(answer["Location"]).query)["code"][0]

    def token(self, path: str = "/oauth/token", *, form: bool = False, **body: Any) -> Answer:
        given = {"client_id": self.client_id, **({"client_secret": self.client_secret} if self.client_secret else {})}
        given |= body
        if form:
            return Answer(Client().post(path, given))
        return Answer(Client().post(path, json.dumps(given), content_type="application/json"))

    def exchange(self, code: str, **more: Any) -> Answer:
        return self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)

    def refresh(self, refresh_token: str, **more: Any) -> Answer:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token, **more)


def register(caller: Caller, **more: Any) -> Program:
    body = {"name": "Your App", "redirect_uris": [CALLBACK], **more}
    made = caller.post("/v1/oauth-applications", body).body
    program = Program(made["client_id"], made["client_secret"], caller)
    program.sign_in()
    return program
