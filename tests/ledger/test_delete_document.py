"""delete_document: DELETE /v1/documents/{id}."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.conftest import rent
from tests.breaking import contents
from tests.conftest import Caller


@pytest.fixture
def document(books: Caller) -> Any:
    return books.upload("/v1/documents", {"file": SimpleUploadedFile("a.txt", b"a"), "reference": "scan"}).body


def files(books: Caller) -> set[str]:
    """The files of the tenant in the storage."""
    folder = Path(settings.MEDIA_ROOT) / "documents" / str(books.tenant.id)
    return {path.name for path in folder.glob("*")}


def test_it_goes_and_its_file_with_it(books: Caller, document: Any, django_capture_on_commit_callbacks: Any) -> None:
    kept = files(books)
    with django_capture_on_commit_callbacks(execute=True):
        assert books.delete("/v1/documents/doc_scan").status == 204

    assert books.get(f"/v1/documents/{document['id']}").status == 404
    assert len(kept - files(books)) == 1


def test_what_an_entry_has_is_its_proof_and_stays(books: Caller, document: Any) -> None:
    books.post("/v1/journal-entries", rent(attachments=["doc_scan"]))
    before, kept = contents(books), files(books)

    refused = books.delete("/v1/documents/doc_scan")

    assert (refused.status, refused.error["details"][0]["rule"]) == (422, "document_in_use")
    assert (contents(books), files(books)) == (before, kept)
    assert books.get("/v1/documents/doc_scan/content").text == "a"


def test_a_dry_run_keeps_the_file(books: Caller, document: Any, django_capture_on_commit_callbacks: Any) -> None:
    before, kept = contents(books), files(books)
    with django_capture_on_commit_callbacks(execute=True):
        assert books.delete("/v1/documents/doc_scan?validate_only=true").status == 200

    assert (contents(books), files(books)) == (before, kept)


def test_a_viewer_may_not(books: Caller, acme_viewer: Caller, document: Any) -> None:
    before = contents(books)

    assert acme_viewer.delete("/v1/documents/doc_scan").status == 403
    assert contents(books) == before
