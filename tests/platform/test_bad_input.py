"""Bad input of every kind: a 4xx in the envelope that names the fault, never a 5xx, and nothing kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from bigledger.errors import CATALOGUE
from tests.api.conftest import open_chart, rent
from tests.conftest import Answer, Caller

ACCOUNT: dict[str, Any] = {"code": "7", "name": "n", "type": "asset", "subtype": "other_asset"}
STATUSES = {error.code: error.status for error in CATALOGUE}
INVALID, MISSING, RULE = "VALIDATION_ERROR", "RESOURCE_NOT_FOUND", "BUSINESS_RULE_VIOLATION"


@dataclass(frozen=True)
class Bad:
    """A request that must be refused with `code`, naming `fields` (None: whatever is named)."""

    method: str
    path: str
    body: Any = None
    code: str = INVALID
    fields: list[str | None] | None = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ACCOUNT.items() if key != name}


def _lines(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"date": "2024-01-15", "lines": list(lines), **fields}


RENT, CASH = {"account_id": "acc_6100", "debit": 5}, {"account_id": "acc_1000", "credit": 5}
ACCOUNTS, ENTRIES = "/v1/accounts", "/v1/journal-entries"
POST, GET = "POST", "GET"

BAD: dict[str, Bad] = {
    # -- no JSON, or JSON that nobody means
    "broken": Bad(POST, ACCOUNTS, b'{"code": "7"'),
    "empty body": Bad(POST, ACCOUNTS, b"", fields=["code", "name", "type", "subtype"]),
    "white space": Bad(POST, ACCOUNTS, b"  "),
    "trailing comma": Bad(POST, ACCOUNTS, b'{"code": "7",}'),
    "two documents": Bad(POST, ACCOUNTS, b"{}{}"),
    "not UTF-8": Bad(POST, ACCOUNTS, b'{"code": "\xff\xfe"}'),
    "UTF-16": Bad(POST, ACCOUNTS, '{"code": "7"}'.encode("utf-16")),
    "single quotes": Bad(POST, ACCOUNTS, b"{'code': '7'}"),
    "deep lists": Bad(POST, ACCOUNTS, b"[" * 100_000),
    "deep objects": Bad(POST, ENTRIES, b'{"lines":' * 50_000 + b"1" + b"}" * 50_000),
    "deep and closed": Bad(POST, ENTRIES, b'{"lines":' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
    "ten megabytes": Bad(POST, ENTRIES, b'{"description":"' + b"x" * 10_000_000 + b'"}', "PAYLOAD_TOO_LARGE"),
    "a list": Bad(POST, ACCOUNTS, [ACCOUNT], fields=[None]),
    "a string": Bad(POST, ACCOUNTS, "account", fields=[None]),
    "a number": Bad(POST, ENTRIES, 5, fields=[None]),
    "null": Bad(POST, ENTRIES, b"null", fields=["date", "lines"]),
    # -- wrong media type or method
    "a form": Bad(POST, ACCOUNTS, b"code=7", "UNSUPPORTED_MEDIA_TYPE", headers={"content_type": "text/plain"}),
    "PUT": Bad("PUT", f"{ACCOUNTS}/acc_1000", ACCOUNT, "METHOD_NOT_ALLOWED"),
    "DELETE of a list": Bad("DELETE", ACCOUNTS, None, "METHOD_NOT_ALLOWED"),
    "an unheard-of method": Bad("BREW", ACCOUNTS, None, "METHOD_NOT_ALLOWED"),
    # -- accounts: wrong types, missing, unknown
    "unknown field": Bad(POST, ACCOUNTS, ACCOUNT | {"colour": "red"}, fields=["colour"]),
    "read-only fields": Bad(POST, ACCOUNTS, ACCOUNT | {"id": "acc_1", "balance": 5}, fields=["id", "balance"]),
    "an ORM path": Bad(
        POST, ACCOUNTS, ACCOUNT | {"tenant_id": "x", "tenant__name": "x"}, fields=["tenant_id", "tenant__name"]
    ),
    "all faults at once": Bad(POST, ACCOUNTS, {"code": 7, "x": 1}, fields=["code", "name", "type", "subtype", "x"]),
    "no code": Bad(POST, ACCOUNTS, _without("code"), fields=["code"]),
    "empty code": Bad(POST, ACCOUNTS, ACCOUNT | {"code": ""}, fields=["code"]),
    "blank code": Bad(POST, ACCOUNTS, ACCOUNT | {"code": "   "}, fields=["code"]),
    "code of 21 characters": Bad(POST, ACCOUNTS, ACCOUNT | {"code": "1" * 21}, fields=["code"]),
    "code as number": Bad(POST, ACCOUNTS, ACCOUNT | {"code": 1001}, fields=["code"]),
    "name as object": Bad(POST, ACCOUNTS, ACCOUNT | {"name": {"en": "n"}}, fields=["name"]),
    "name null": Bad(POST, ACCOUNTS, ACCOUNT | {"name": None}, fields=["name"]),
    "NUL": Bad(POST, ACCOUNTS, ACCOUNT | {"name": "a\0b"}, fields=["name"]),
    "lone surrogate": Bad(
        POST, ACCOUNTS, b'{"code":"7","name":"\\ud800","type":"asset","subtype":"other_asset"}', fields=None
    ),
    "description of a megabyte": Bad(
        POST, ACCOUNTS, ACCOUNT | {"description": "x" * 1_000_000}, fields=["description"]
    ),
    "unknown type": Bad(POST, ACCOUNTS, ACCOUNT | {"type": "assets"}, fields=["type"]),
    "type as list": Bad(POST, ACCOUNTS, ACCOUNT | {"type": ["asset"]}, fields=["type"]),
    "subtype of another type": Bad(POST, ACCOUNTS, ACCOUNT | {"subtype": "equity"}, fields=["subtype"]),
    "currency that is none": Bad(POST, ACCOUNTS, ACCOUNT | {"currency": "USB"}, fields=["currency"]),
    "currency in small letters": Bad(POST, ACCOUNTS, ACCOUNT | {"currency": "usd"}, fields=["currency"]),
    "flag as text": Bad(POST, ACCOUNTS, ACCOUNT | {"is_active": "true"}, fields=["is_active"]),
    "flag as number": Bad(POST, ACCOUNTS, ACCOUNT | {"is_reconcilable": 1}, fields=["is_reconcilable"]),
    "parent that is not": Bad(POST, ACCOUNTS, ACCOUNT | {"parent_id": "acc_nope"}, MISSING, ["parent_id"]),
    "parent of another kind": Bad(POST, ACCOUNTS, ACCOUNT | {"parent_id": "je_1"}, fields=["parent_id"]),
    "code taken": Bad(POST, ACCOUNTS, ACCOUNT | {"code": "1000"}, "CONFLICT", ["code"]),
    "its own parent": Bad("PATCH", f"{ACCOUNTS}/acc_1000", {"parent_id": "acc_1000"}, fields=["parent_id"]),
    "opening balance by PATCH": Bad(
        "PATCH", f"{ACCOUNTS}/acc_1000", {"opening_balance": 5}, fields=["opening_balance"]
    ),
    # -- journal entries
    "no lines": Bad(POST, ENTRIES, _lines(), fields=["lines"]),
    "one line": Bad(POST, ENTRIES, _lines(RENT), fields=["lines"]),
    "lines as object": Bad(POST, ENTRIES, {"date": "2024-01-15", "lines": {"0": RENT}}, fields=["lines"]),
    "lines of numbers": Bad(POST, ENTRIES, _lines(5, 6), fields=["lines[0]", "lines[1]"]),  # type: ignore[arg-type]
    "1,001 lines": Bad(POST, ENTRIES, _lines(*[RENT, CASH] * 501), fields=["lines"]),
    "unbalanced": Bad(POST, ENTRIES, _lines(RENT, CASH | {"credit": 6}), fields=["lines"]),
    "both sides": Bad(
        POST, ENTRIES, _lines(RENT | {"credit": 5}, CASH | {"debit": 5}), fields=["lines[0]", "lines[1]"]
    ),
    "neither side": Bad(POST, ENTRIES, _lines(RENT, CASH, {"account_id": "acc_1000"}), fields=["lines[2]"]),
    "negative": Bad(
        POST, ENTRIES, _lines(RENT | {"debit": -5}, CASH | {"credit": -5}), fields=["lines[0].debit", "lines[1].credit"]
    ),
    "too many digits": Bad(
        POST, ENTRIES, _lines(RENT | {"debit": Decimal("5.001")}, CASH), fields=["lines[0].debit", "lines"]
    ),
    "account that is not": Bad(
        POST, ENTRIES, _lines(RENT, CASH | {"account_id": "acc_nope"}), MISSING, ["lines[1].account_id"]
    ),
    "account by bare code": Bad(
        POST, ENTRIES, _lines(RENT, CASH | {"account_id": "1000"}), fields=["lines[1].account_id"]
    ),
    "account with a NUL": Bad(
        POST, ENTRIES, _lines(RENT, CASH | {"account_id": "acc_\0"}), fields=["lines[1].account_id"]
    ),
    "no date": Bad(POST, ENTRIES, {"lines": [RENT, CASH]}, fields=["date"]),
    "30 February": Bad(POST, ENTRIES, _lines(RENT, CASH, date="2024-02-30"), fields=["date"]),
    "date with a time": Bad(POST, ENTRIES, _lines(RENT, CASH, date="2024-01-15T00:00:00Z"), fields=["date"]),
    "date in the year 9999": Bad(POST, ENTRIES, _lines(RENT, CASH, date="9999-12-31"), fields=["date"]),
    "date as number": Bad(POST, ENTRIES, _lines(RENT, CASH, date=20240115), fields=["date"]),
    "status void": Bad(POST, ENTRIES, _lines(RENT, CASH, status="void"), fields=["status"]),
    "reference of 65 characters": Bad(POST, ENTRIES, _lines(RENT, CASH, reference="r" * 65), fields=["reference"]),
    "document that is not": Bad(POST, ENTRIES, _lines(RENT, CASH, attachments=["doc_x"]), MISSING, ["attachments[0]"]),
    "51 documents": Bad(POST, ENTRIES, _lines(RENT, CASH, attachments=["doc_x"] * 51), fields=["attachments"]),
    "attachments as text": Bad(POST, ENTRIES, _lines(RENT, CASH, attachments="doc_x"), fields=["attachments"]),
    "unknown field in a line": Bad(POST, ENTRIES, _lines(RENT | {"memo": "m"}, CASH), fields=["lines[0].memo"]),
    "reversed without a reason": Bad(POST, f"{ENTRIES}/je_first/reverse", {}, fields=["reason"]),
    "posted twice": Bad(POST, f"{ENTRIES}/je_first/post", None, RULE, [None]),
    "posted entry edited": Bad("PATCH", f"{ENTRIES}/je_first", {"description": "x"}, RULE, [None]),
    "posted entry deleted": Bad("DELETE", f"{ENTRIES}/je_first", None, RULE, [None]),
    "account in use deleted": Bad("DELETE", f"{ACCOUNTS}/acc_1000", None, RULE, [None]),
    "account in use retyped": Bad(
        "PATCH", f"{ACCOUNTS}/acc_1000", {"type": "expense", "subtype": "other_expense"}, RULE, ["type", "subtype"]
    ),
    # -- lists and reports
    "unknown parameter": Bad(GET, f"{ACCOUNTS}?colour=red", fields=["colour"]),
    "an ORM path as parameter": Bad(GET, f"{ACCOUNTS}?tenant__name=Acme", fields=["tenant__name"]),
    "limit 101": Bad(GET, f"{ACCOUNTS}?limit=101", fields=["limit"]),
    "limit 0": Bad(GET, f"{ACCOUNTS}?limit=0", fields=["limit"]),
    "limit in words": Bad(GET, f"{ACCOUNTS}?limit=all", fields=["limit"]),
    "page -1": Bad(GET, f"{ACCOUNTS}?page=-1", fields=["page"]),
    "page of 5,000 digits": Bad(GET, f"{ACCOUNTS}?page={'9' * 5000}", fields=["page"]),
    "page in Arabic digits": Bad(GET, f"{ACCOUNTS}?page=%D9%A3", fields=["page"]),
    "unknown type as filter": Bad(GET, f"{ACCOUNTS}?type=assets", fields=["type"]),
    "unknown operator": Bad(GET, f"{ACCOUNTS}?name[regex]=.*", fields=["name[regex]"]),
    "sort by what is not": Bad(GET, f"{ACCOUNTS}?sort=tenant", fields=["sort"]),
    "foreign cursor": Bad(GET, f"{ACCOUNTS}?cursor=eyJhIjoxfQ==", fields=["cursor"]),
    "search with a NUL": Bad(GET, f"{ACCOUNTS}?search=a%00b", fields=["search"]),
    "search too long": Bad(GET, f"{ACCOUNTS}?search={'a' * 101}", fields=["search"]),
    "filter that is no number": Bad(GET, f"{ENTRIES}?total_debit[gte]=NaN", fields=["total_debit[gte]"]),
    "filter that is no day": Bad(GET, f"{ENTRIES}?date[gte]=yesterday", fields=["date[gte]"]),
    "filter of 101 values": Bad(GET, f"{ENTRIES}?number[in]={','.join('a' * 101)}", fields=["number[in]"]),
    "report that is not": Bad(GET, "/v1/reports/astrology", code=MISSING),
    "report on no day": Bad(GET, "/v1/reports/trial_balance?as_of=2024-13-01", fields=["as_of"]),
    "report in no currency": Bad(GET, "/v1/reports/trial_balance?currency=USD9", fields=["currency"]),
    "report with an unknown parameter": Bad(GET, "/v1/reports/trial_balance?colour=red", fields=["colour"]),
    # -- ids and routes
    "an id of another kind": Bad(GET, f"{ACCOUNTS}/je_1", code=MISSING),
    "an id with a NUL": Bad(GET, f"{ACCOUNTS}/acc_%00", code=MISSING),
    "an id of 5,000 characters": Bad(GET, f"{ACCOUNTS}/acc_{'1' * 5000}", code=MISSING),
    "an id that overflows": Bad(GET, f"{ACCOUNTS}/acc_zzzzzzzzzzzzzzzzzzzzzzzzzz", code=MISSING),
    "no such resource": Bad(GET, "/v1/unicorns", code=MISSING),
    "a trailing slash": Bad(POST, f"{ACCOUNTS}/", ACCOUNT, MISSING),
    "the root": Bad(GET, "/v1/", code=MISSING),
    # -- credentials
    "no such key": Bad(GET, ACCOUNTS, None, "AUTHENTICATION_FAILED", headers={"authorization": "Bearer blg_sandbox_x"}),
    "another scheme": Bad(GET, ACCOUNTS, None, "AUTHENTICATION_FAILED", headers={"authorization": "Basic eDp5"}),
    "an empty credential": Bad(GET, ACCOUNTS, None, "AUTHENTICATION_FAILED", headers={"authorization": "Bearer "}),
    "a credential of a megabyte": Bad(
        GET, ACCOUNTS, None, "AUTHENTICATION_FAILED", headers={"authorization": "Bearer " + "x" * 10**6}
    ),
}


def _send(caller: Caller, bad: Bad) -> Answer:
    if "content_type" in bad.headers:
        headers = {"HTTP_AUTHORIZATION": f"Bearer {caller.api_key}"}
        return Answer(caller.client.generic(bad.method, bad.path, bad.body, bad.headers["content_type"], **headers))
    return caller.request(bad.method, bad.path, bad.body, **bad.headers)


def _rows() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM ledger_account), (SELECT count(*) FROM ledger_journalentry),"
            " (SELECT count(*) FROM ledger_journalline), (SELECT count(*) FROM ledger_draftline),"
            " (SELECT count(*) FROM events_pending), (SELECT sum(debit) FROM ledger_accountbalance),"
            " (SELECT md5(string_agg(a::text, ',' ORDER BY a.id)) FROM ledger_account a)"
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize("what", BAD)
def test_it_is_refused_and_nothing_is_kept(acme: Caller, what: str) -> None:
    bad = BAD[what]
    open_chart(acme)
    assert acme.post(ENTRIES, rent(reference="first")).status == 201
    before = _rows()

    refused = _send(acme, bad)

    assert (refused.status, refused.error["code"]) == (STATUSES[bad.code], bad.code), refused.text[:500]
    assert set(refused.error) == {"code", "message", "details", "request_id", "documentation_url"}
    assert refused.error["request_id"] == refused.response["X-Request-ID"]
    assert refused.error["message"]
    if bad.fields is not None:
        assert sorted(map(str, refused.fields)) == sorted(map(str, bad.fields)), refused.text[:500]
    assert len(refused.text) < 20_000
    assert _rows() == before


def test_there_are_at_least_forty() -> None:
    assert len(BAD) > 40


@pytest.mark.parametrize("identifier", ["", "a b", "x" * 65, "a\tb", "<script>"])
def test_a_malformed_request_id_is_replaced(acme: Caller, identifier: str) -> None:
    answer = acme.get(ACCOUNTS, x_request_id=identifier)

    assert answer.status == 200
    assert answer.response["X-Request-ID"].startswith("req_")
    assert acme.get(ACCOUNTS, x_request_id="Mine-1.2_3").response["X-Request-ID"] == "Mine-1.2_3"
