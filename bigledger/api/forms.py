"""What a multipart form says."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework.request import Request

from bigledger.errors import Detail, ValidationFailed


def form_of(request: Request) -> dict[str, Any]:
    """Its fields and files by name. Raises ValidationFailed for one that is given more than once."""
    form: Any = request.data
    if not isinstance(form, QueryDict):
        return {}  # REST framework's for an empty body
    repeated = [
        Detail("Given more than once.", field=name, code="repeated") for name, found in form.lists() if found[1:]
    ]
    if repeated:
        raise ValidationFailed(details=repeated)
    named: dict[str, Any] = form.dict()
    return named
