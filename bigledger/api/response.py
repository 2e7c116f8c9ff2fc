"""The responses of views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse


class Response(HttpResponse):
    """`data` goes out as exact JSON when the view is through (`ApiViewSet.finalize_response`); None is no content.

    An answer that shows a secret says `Cache-Control: no-store` by the type of its body, and is kept in ciphertext.

    Not REST framework's, which is a template's answer: making one takes as long as reading the request.
    """

    def __init__(self, data: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status=status, headers=headers, content_type="application/json")
        self.data = data


class LaterResponse(HttpResponse):
    """An answer that is waited for: `body` is called once the request's transaction is over, and gives the content."""

    def __init__(self, body: Callable[[], bytes], **options: Any) -> None:
        super().__init__(**options)
        self._body = body

    def complete(self) -> None:
        """Raises what `body` does."""
        self.content = self._body()
        self["Content-Length"] = str(len(self.content))
