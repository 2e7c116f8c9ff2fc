"""The parser and renderer that REST framework uses: exact JSON, one media type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from bigledger import exact_json
from bigledger.errors import Detail, ValidationFailed


class ExactJsonParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return exact_json.decode(stream.read())
        except exact_json.MalformedJson as fault:
            details = [Detail("Must be a number.", field=field or None) for field in fault.fields]
            raise ValidationFailed(f"The request body is not valid JSON: {fault}", details) from None


class JsonWhateverIsAccepted(DefaultContentNegotiation):
    """The API speaks JSON; an `Accept` header that would like something else does not turn it into a failure."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ExactJsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else exact_json.encode(data)
