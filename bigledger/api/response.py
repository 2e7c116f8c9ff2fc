"""What a view answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse


class Response(HttpResponse):
    """`data` goes out as exact JSON when the view is through (`ApiViewSet.finalize_response`); None is no content.

    Not REST framework's, which is a template's answer: making one takes as long as reading the request.
    """

    def __init__(self, data: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status=status, headers=headers, content_type="application/json")
        self.data = data
