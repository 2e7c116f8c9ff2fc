"""How a request is read: the token endpoint takes a JSON body (the reference's example) and a form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore

from bigledger import exact_json


class JsonOrFormBackend(OAuthLibCore):
    def extract_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            return super().extract_body(request)
        return list(json_parameters(request).items())


def json_parameters(request: HttpRequest) -> dict[str, str]:
    """The text members of a JSON object; nothing of what is no object, which then lacks its parameters."""
    try:
        body = exact_json.decode_request(request.body)
    except exact_json.MalformedJson:
        return {}
    if not isinstance(body, dict):
        return {}
    return {name: value for name, value in body.items() if isinstance(value, str)}
