"""A limit on how many a tenant has holds for those who come at the same moment."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.tenants.models import Plan
from ledger.services import documents
from ledger.services.documents import Quota
from tests.at_once import at_once
from tests.conftest import Answer, Caller, make_tenant
from webhooks.services import endpoints

WRITERS = 6


def upload(caller: Caller, number: int) -> list[Answer]:
    return [caller.upload("/v1/documents", {"file": SimpleUploadedFile(f"{number}.txt", b"a receipt")})]


def add_endpoint(caller: Caller, number: int) -> list[Answer]:
    hook = {"url": f"https://example.com/{number}", "events": ["account.created"]}
    return [caller.post("/v1/webhook-endpoints", hook)]


@pytest.mark.parametrize(("work", "path"), [(upload, "documents"), (add_endpoint, "webhook-endpoints")])
def test_one_place_left_is_given_once(committed: Any, monkeypatch: pytest.MonkeyPatch, work: Any, path: str) -> None:
    monkeypatch.setitem(documents.QUOTAS, Plan.PROFESSIONAL, Quota(1, 1))
    monkeypatch.setattr(endpoints, "MAX_ENDPOINTS", 1)
    caller = make_tenant(f"Full-{uuid.uuid4()}", plan=Plan.PROFESSIONAL)

    answers = at_once(caller, work, WRITERS)

    assert sorted(answer.status for answer in answers) == [201] + [422] * (WRITERS - 1)
    assert caller.get(f"/v1/{path}").body["meta"]["total"] == 1
