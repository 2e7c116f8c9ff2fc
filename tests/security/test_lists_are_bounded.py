"""A page holds a bounded number of lines, and a tenant a bounded number of documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger.api import listing, views
from bigledger.api.views import ResourceViewSet
from bigledger.docs.contracts import view_classes
from bigledger.tenants.context import tenant_context
from bigledger.tenants.models import Plan
from ledger.models import Document
from ledger.services import documents
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller
from tests.sales import LINE, Shop, shop

__all__ = ["shop"]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a page held ten lines and every document could have ten."""
    monkeypatch.setattr(listing, "MAX_LINES", 10)
    monkeypatch.setattr(views, "MAX_LINES", 10)
    for view in view_classes():
        if issubclass(view, ResourceViewSet) and view.of.most_lines > 1:
            monkeypatch.setattr(view, "of", replace(view.of, most_lines=10))


def test_every_resource_with_lines_says_how_many() -> None:
    views_ = [view for view in view_classes() if issubclass(view, ResourceViewSet)]
    with_lines = {view.resource for view in views_ if view.body and "lines" in view.body.__struct_fields__}

    assert with_lines == {"journal_entries", "invoices", "credit_notes", "recurring_invoices"}
    with_lines |= {"recurring_journal_entries", "schedules"}  # which stand in its template, and are called rows
    assert {view.resource for view in views_ if view.of.most_lines > 1} == with_lines
    assert {view.resource for view in views_ if view.of.line_counts} == with_lines


def fill(shop: Shop, path: str) -> None:
    sale = {"customer_id": "cust_123456", "lines": [LINE] * 4}
    for _ in range(5):
        shop.post(path, **sale, **({"frequency": "monthly"} if "recurring" in path else {}))


@pytest.mark.parametrize("path", ["/v1/invoices", "/v1/credit-notes", "/v1/recurring-invoices"])
def test_a_page_that_is_too_heavy_is_refused_or_ends_early(shop: Shop, small_pages: None, path: str) -> None:
    fill(shop, path)

    refused = shop.caller.get(path)
    assert (refused.status, refused.fields, refused.error["details"][0]["code"]) == (400, ["limit"], "too_large")
    assert "limit=2" in refused.error["details"][0]["message"]
    assert len(shop.read(f"{path}?limit=2")["data"]) == 2

    seen: list[str] = []
    cursor: Any = ""
    while cursor is not None:
        page = shop.read(f"{path}?cursor={cursor}")
        assert 1 <= len(page["data"]) <= 2
        seen += [row["id"] for row in page["data"]]
        cursor = page["meta"]["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


def test_journal_entries_too(acme: Caller, small_pages: None) -> None:
    open_chart(acme)
    for _ in range(12):
        acme.post("/v1/journal-entries", rent())

    assert acme.get("/v1/journal-entries").fields == ["limit"]
    assert len(acme.get("/v1/journal-entries?cursor=").body["data"]) == 5
    assert len(acme.get("/v1/journal-entries?limit=5").body["data"]) == 5


def upload(caller: Caller, content: bytes = b"a") -> Any:
    return caller.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", content)})


def test_a_document_is_deleted_with_its_file(acme: Caller, django_capture_on_commit_callbacks: Any) -> None:
    document = upload(acme).body
    with tenant_context(acme.tenant):
        file = Document.objects.get().file
    with django_capture_on_commit_callbacks(execute=True):
        shown = acme.delete(f"/v1/documents/{document['id']}?validate_only=true")
        assert (shown.status, file.storage.exists(file.name)) == (200, True)
        assert acme.delete(f"/v1/documents/{document['id']}").status == 204

    assert acme.get(f"/v1/documents/{document['id']}").status == 404
    assert not file.storage.exists(file.name)


@pytest.mark.parametrize("status", ["draft", "posted"])
def test_one_that_an_entry_has_stays(acme: Caller, status: str) -> None:
    open_chart(acme)
    document = upload(acme).body
    acme.post("/v1/journal-entries", rent(status=status, attachments=[document["id"]]))

    refused = acme.delete(f"/v1/documents/{document['id']}")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "document_in_use")
    assert acme.get(f"/v1/documents/{document['id']}/content").status == 200


@pytest.mark.parametrize("quota", [documents.Quota(2, 100), documents.Quota(100, 2)])
def test_a_plan_keeps_so_many_documents(acme: Caller, quota: documents.Quota, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(documents.QUOTAS, Plan(acme.tenant.plan), quota)
    kept = [upload(acme, b"a" * 900_000) for _ in range(2)]

    refused = upload(acme, b"a" * 900_000)

    assert [answer.status for answer in kept] == [201, 201]
    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "document_quota")
    acme.delete(f"/v1/documents/{kept[0].body['id']}")
    assert upload(acme, b"a" * 900_000).status == 201


def test_every_plan_but_the_largest_has_a_quota() -> None:
    assert set(Plan) - set(documents.QUOTAS) == {Plan.ENTERPRISE}
