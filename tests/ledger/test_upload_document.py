"""upload_document: POST /v1/documents, taken by content, given back as an attachment."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from bigledger import ids
from tests.conftest import Answer, Caller

PDF = b"%PDF-1.4\n%%EOF\n"


def _upload(caller: Caller, content: bytes = PDF, name: str = "scan.pdf", **fields: str) -> Answer:
    return caller.upload("/v1/documents", {"file": SimpleUploadedFile(name, content), **fields})


def test_an_upload_is_described_and_comes_back_byte_for_byte(acme: Caller) -> None:
    created = _upload(acme, reference="abc123")

    assert created.status == 201
    assert created.body["reference"] == "abc123"
    assert (created.body["name"], created.body["media_type"], created.body["size_bytes"]) == (
        "scan.pdf",
        "application/pdf",
        len(PDF),
    )
    assert created.body["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert acme.get(f"/v1/documents/{created.body['id']}").body == created.body
    assert acme.get("/v1/documents?search=scan").body["data"] == [created.body]
    content = acme.get("/v1/documents/doc_abc123/content", accept="application/pdf").response
    assert content.content == PDF
    assert content["Content-Type"] == "application/pdf"
    assert content["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert content["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.bin", b"\x89PNG\r\n\x1a\n\0", "image/png"),
        ("a.txt", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a", b"II*\0\1", "image/tiff"),
        ("a.csv", b"a,b\n1,2\n", "text/csv"),
        ("invoice.xml", b"<Invoice/>", "application/xml"),
        ("page.html", b"<script>alert(1)</script>", "text/plain"),
    ],
)
def test_the_bytes_decide_the_type(acme: Caller, name: str, content: bytes, media_type: str) -> None:
    assert _upload(acme, content, name).body["media_type"] == media_type


@pytest.mark.parametrize("content", [b"", b"MZ\x90\0", b"\x7fELF\0", b"text with \0", b"PK\3\4\xff"])
def test_other_types_are_refused_and_not_kept(acme: Caller, content: bytes) -> None:
    refused = _upload(acme, content)

    assert (refused.status, refused.error["code"], refused.fields) == (400, "VALIDATION_ERROR", ["file"])
    assert acme.get("/v1/documents").body["meta"]["total"] == 0


def test_a_document_that_is_too_large_is_refused(acme: Caller) -> None:
    refused = _upload(acme, b"%PDF-" + b"0" * 5 * 1024 * 1024)

    assert (refused.status, refused.error["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert acme.get("/v1/documents").body["meta"]["total"] == 0


def test_a_reference_is_taken_once(acme: Caller) -> None:
    first = _upload(acme, reference="abc123").body

    again = _upload(acme, b"other", "other.txt", reference="abc123")

    assert (again.status, again.error["code"], again.fields) == (409, "CONFLICT", ["reference"])
    assert acme.get("/v1/documents").body["data"] == [first]


def test_a_name_cannot_leave_the_folder_or_break_a_header(acme: Caller) -> None:
    created = _upload(acme, name='../../etc/pass"wd\u2028é.pdf').body

    content = acme.get(f"/v1/documents/{created['id']}/content").response
    assert created["name"] == 'pass"wdé.pdf'
    assert "pass%22wd%C3%A9.pdf" in content["Content-Disposition"]
    kept = list((Path(settings.MEDIA_ROOT) / "documents" / str(acme.tenant.id)).iterdir())
    assert all("pass" not in path.name for path in kept)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, ["file"]),
        ({"file": "not a file"}, ["file"]),
        ({"file": SimpleUploadedFile("a.txt", b"a"), "x": "1"}, ["x"]),
        ({"file": SimpleUploadedFile("a.txt", b"a"), "reference": "r" * 65}, ["reference"]),
        ({"file": [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]}, ["file"]),
    ],
)
def test_a_wrong_form_is_refused_by_name(acme: Caller, fields: dict, named: list[str]) -> None:
    refused = acme.upload("/v1/documents", fields)

    assert (refused.status, refused.error["code"], refused.fields) == (400, "VALIDATION_ERROR", named)
    assert acme.get("/v1/documents").body["meta"]["total"] == 0


def test_a_dry_run_keeps_nothing(acme: Caller) -> None:
    shown = acme.upload("/v1/documents?validate_only=true", {"file": SimpleUploadedFile("a.txt", b"a")})

    assert (shown.status, shown.body["media_type"]) == (200, "text/plain")
    assert [event["type"] for event in shown.body["events"]] == ["document.created"]
    assert acme.get("/v1/documents").body["meta"]["total"] == 0
    folder = Path(settings.MEDIA_ROOT) / "documents" / str(acme.tenant.id)
    assert not (folder / str(ids.decode("doc", shown.body["id"]))).exists()


def test_an_upload_with_a_key_is_kept_once(acme: Caller) -> None:
    def send() -> Answer:
        fields = {"file": SimpleUploadedFile("a.txt", b"a")}
        headers = {"HTTP_AUTHORIZATION": f"Bearer {acme.api_key}", "HTTP_IDEMPOTENCY_KEY": "upload-1"}
        return Answer(acme.client.post("/v1/documents", fields, **headers))

    assert send().body == send().body
    assert acme.get("/v1/documents").body["meta"]["total"] == 1


def test_json_is_not_a_form(acme: Caller) -> None:
    assert acme.post("/v1/documents", {"file": "x"}).error["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_a_viewer_may_read_but_not_upload(acme_viewer: Caller) -> None:
    assert acme_viewer.get("/v1/documents").status == 200
    assert _upload(acme_viewer).status == 403


def test_an_entry_carries_its_documents_in_order(acme: Caller) -> None:
    for code, type_, subtype in (("1000", "asset", "current_asset"), ("4000", "revenue", "operating_revenue")):
        acme.post("/v1/accounts", {"code": code, "name": code, "type": type_, "subtype": subtype})
    documents = [_upload(acme, reference=f"r{n}").body["id"] for n in range(6)]

    entry = acme.post(
        "/v1/journal-entries",
        {
            "date": "2024-01-15",
            "lines": [{"account_id": "acc_1000", "debit": 1}, {"account_id": "acc_4000", "credit": 1}],
            "attachments": documents,
        },
    ).body

    assert entry["attachments"] == documents
    assert acme.get(f"/v1/journal-entries/{entry['id']}").body["attachments"] == documents
