"""A journal entry is entered by keyboard alone: rows, accounts, sums and faults, with five and with 200 lines."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.backoffice.browsing import Desk, browser, sign_in, with_password
from tests.conftest import Caller, make_tenant
from tests.dashboard.books import open_books

# One browser or whole system at a time.
pytestmark = pytest.mark.xdist_group("whole machine")

NEW = "/admin/do/journal_entries/create/"


def begin(desk: Desk, path: str = NEW) -> None:
    desk.go(path)
    expect(desk.page.locator("[data-rows=lines] tfoot")).to_be_visible()  # the script has begun


def line(desk: Desk, account: str, description: str, debit: str = "", credit: str = "") -> None:
    """A line, from its first cell; the field is left for the next when its row is found."""
    cell = desk.page.locator(":focus")
    desk.type(account)
    expect(desk.page.locator("#choices")).to_be_visible()
    desk.press("Tab")
    expect(cell).not_to_have_value(account)
    desk.type(description)
    desk.press("Tab")
    desk.type(debit)
    desk.press("Tab")
    desk.type(credit)


def latest(caller: Caller) -> dict[str, Any]:
    found: dict[str, Any] = caller.get("/v1/journal-entries?sort=created_at:desc&limit=1").body["data"][0]
    return found


def foot(desk: Desk) -> list[str]:
    return [text for text in desk.page.locator("[data-rows=lines] tfoot td").all_inner_texts() if text.strip()]


def test_five_lines_by_keyboard_alone(committed: None) -> None:
    caller = make_tenant("Keys")
    open_books(caller)
    email = with_password(caller)
    with browser() as desk:
        sign_in(desk, email)
        begin(desk)
        while desk.page.evaluate("document.activeElement.name") != "lines-0-account_id":
            desk.press("Tab")
            assert desk.keys < 15
        line(desk, "6100", "Rent of May", "1800.10")
        assert foot(desk) == ["Credit lacks 1,800.10 USD", "1,800.10", "0.00"]
        desk.press("Tab")
        line(desk, "inv", "Nails", "0.10")
        for account, words, debit in (("1400", "Screws", "0.2"), ("capital", "", "")):
            desk.press("Enter")
            line(desk, account, words, debit)
        desk.press("=", "Enter")
        line(desk, "bank", "Fee")
        desk.press("Control+Enter")

        fault = desk.page.locator(".grid .fault")
        expect(fault).to_have_count(1)
        expect(desk.page.locator("tr:has(.fault) [name$=account_id]")).to_have_value("1010 Bank")
        desk.press("Control+Delete")
        expect(desk.page.locator("tbody tr").last.locator("[name$=account_id]")).to_have_value("3000 Capital")
        desk.press("Control+Enter")
        expect(desk.page.get_by_role("heading", name="This is what it does")).to_be_visible()
        desk.press("Enter")
        desk.page.wait_for_url("**/change/")
        assert (desk.clicks, desk.faults) == (0, [])
        assert desk.hosts == {desk.base.split("/")[2]}

    entry = latest(caller)
    assert [(one["account"]["code"], one["debit"], one["credit"], one["description"]) for one in entry["lines"]] == [
        ("6100", Decimal("1800.10"), Decimal("0.00"), "Rent of May"),
        ("1400", Decimal("0.10"), Decimal("0.00"), "Nails"),
        ("1400", Decimal("0.20"), Decimal("0.00"), "Screws"),
        ("3000", Decimal("0.00"), Decimal("1800.40"), ""),
    ]
    assert entry["status"] == "posted"


def test_two_hundred_lines_are_pasted_kept_as_a_draft_and_copied(committed: None) -> None:
    caller = make_tenant("Pasted")
    open_books(caller)
    rows = [f"6100\tLine {number}\t0.10\t" for number in range(199)] + ["1000\tAll\t\t19.90"]
    email = with_password(caller)
    with browser() as desk:
        sign_in(desk, email)
        begin(desk)
        desk.page.locator("[name=lines-0-account_id]").focus()
        desk.page.evaluate(
            """(text) => {
                const clipboardData = new DataTransfer()
                clipboardData.setData("text/plain", text)
                document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }))
            }""",
            "\n".join(rows),
        )
        expect(desk.page.locator("tbody tr")).to_have_count(200)
        expect(desk.page.locator("[data-rows=lines] tfoot")).to_contain_text("Balanced in USD")
        desk.button("Keep as a draft")
        desk.page.wait_for_url("**/change/")
        desk.link("Copy")
        expect(desk.page.locator("[data-rows=lines] tfoot")).to_contain_text("19.90")
        expect(desk.page.locator("tbody tr")).to_have_count(200)
        desk.page.locator("[name=lines-199-credit]").fill("19.91")
        desk.press("Control+Enter")
        expect(desk.page.locator(".operation-form .fault").first).to_be_visible()
        desk.page.locator("[name=lines-199-credit]").fill("19.90")
        desk.press("Control+Enter")
        expect(desk.page.get_by_role("heading", name="This is what it does")).to_be_visible()
        desk.press("Enter")
        desk.page.wait_for_url("**/change/")
        assert desk.faults == []
    found = caller.get("/v1/journal-entries?sort=created_at:asc").body["data"]
    assert [(one["status"], len(one["lines"]), one["total_debit"]) for one in found] == [
        ("draft", 200, Decimal("19.90")), ("posted", 200, Decimal("19.90")),
    ]  # fmt: skip


def test_a_file_that_is_dropped_is_attached(committed: None) -> None:
    caller = make_tenant("Dropped")
    open_books(caller)
    email = with_password(caller)
    with browser() as desk:
        sign_in(desk, email)
        begin(desk)
        receipt = {"name": "receipt.txt", "mimeType": "text/plain", "buffer": b"Rent, 10.00"}
        desk.page.locator("input[type=file]").set_input_files(receipt)  # type: ignore[arg-type]
        expect(desk.page.locator("[data-files] li")).to_have_text(re.compile("^receipt.txt"))
        desk.page.evaluate(
            """() => {
                const dataTransfer = new DataTransfer()
                dataTransfer.items.add(new File(["Second"], "second.txt", { type: "text/plain" }))
                const drop = new DragEvent("drop", { dataTransfer, bubbles: true })
                document.querySelector("[data-files]").dispatchEvent(drop)
            }"""
        )
        expect(desk.page.locator("[data-files] li")).to_have_count(2)
        desk.page.locator("[name=lines-0-account_id]").focus()
        line(desk, "6100", "Rent", "10")
        desk.press("Tab")
        line(desk, "1000", "Rent", "", "10")
        desk.press("Control+Enter")
        expect(desk.page.get_by_role("heading", name="This is what it does")).to_be_visible()
        desk.press("Enter")
        desk.page.wait_for_url("**/change/")
        assert desk.faults == []
    attached = [caller.get(f"/v1/documents/{one}").body["name"] for one in latest(caller)["attachments"]]
    assert attached == ["receipt.txt", "second.txt"]
