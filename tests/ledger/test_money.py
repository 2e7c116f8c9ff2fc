"""Money goes in and comes out digit by digit; what is no amount is refused with the field's path."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.conftest import Answer, Caller
from tests.rates import keep_rate

ACCOUNT = b'{"code":"%b","name":"a","type":"%b","subtype":"%b","currency":"%b","opening_balance":%b}'


def _open(caller: Caller, amount: str, currency: str = "USD", code: str = "1", type_: str = "asset") -> Answer:
    subtype = {"asset": b"current_asset", "liability": b"current_liability"}[type_]
    values = (code.encode(), type_.encode(), subtype, currency.encode(), amount.encode())
    return caller.post("/v1/accounts", ACCOUNT % values)


def _post(caller: Caller, debit: str, credit: str = "1.00") -> Answer:
    for code in ("1000", "4000"):
        caller.post("/v1/accounts", {"code": code, "name": code, "type": "asset", "subtype": "current_asset"})
    body = '{"date":"2024-01-15","lines":[{"account_id":"acc_1000","debit":%s},{"account_id":"acc_4000","credit":%s}]}'
    return caller.post("/v1/journal-entries", (body % (debit, credit)).encode())


@pytest.mark.parametrize(
    ("currency", "sent", "shown"),
    [
        ("USD", "50000.00", "50000.00"),
        ("USD", "123456789012345.67", "123456789012345.67"),
        ("USD", "999999999999999.99", "999999999999999.99"),
        ("USD", "0.01", "0.01"),
        ("USD", "5", "5.00"),
        ("USD", "5e2", "500.00"),
        ("USD", "1.5E-1", "0.15"),
        ("USD", "-7.10", "-7.10"),
        ("USD", "0", "0.00"),
        ("USD", "-0", "0.00"),
        ("USD", "-0.0", "0.00"),
        ("JPY", "5000", "5000"),
        ("BHD", "1.250", "1.250"),
        ("BHD", "0.001", "0.001"),
        ("KWD", "12.3", "12.300"),
    ],
)
def test_an_amount_comes_back_with_its_currencys_digits(acme: Caller, currency: str, sent: str, shown: str) -> None:
    if currency != "USD":
        keep_rate(acme, currency, "2.5")

    created = _open(acme, sent, currency)

    assert created.status == 201, created.text
    assert f'"balance":{shown},' in created.text
    assert f'"balance":{shown},' in acme.get("/v1/accounts/acc_1").text


@pytest.mark.parametrize("amount", ["123456789012345.67", "50000.00", "0.01"])
def test_an_entry_keeps_every_digit_everywhere(acme: Caller, amount: str) -> None:
    created = _post(acme, amount, amount)

    assert created.status == 201
    for text in (created.text, acme.get("/v1/journal-entries/" + created.body["id"]).text):
        assert f'"total_debit":{amount},"total_credit":{amount},' in text
        assert text.count(f'"debit":{amount},"credit":0.00') == text.count(f'"debit":0.00,"credit":{amount}') == 1
    assert f'"totals":{{"debit":{amount},"credit":{amount}}}' in acme.get("/v1/reports/trial_balance").text
    assert f'"balance":{amount}' in acme.get("/v1/accounts/acc_1000/ledger").text
    assert f'"balance":-{amount}' in acme.get("/v1/accounts/acc_4000/ledger").text


def test_a_tenth_three_times_is_three_tenths(acme: Caller) -> None:
    for _ in range(3):
        assert _post(acme, "0.1", "0.1").status == 201

    assert '"balance":0.30,' in acme.get("/v1/accounts/acc_1000").text


def test_balances_may_exceed_the_limit_of_an_amount(acme: Caller) -> None:
    for _ in range(3):
        assert _post(acme, "999999999999999.99", "999999999999999.99").status == 201

    assert '"balance":2999999999999999.97,' in acme.get("/v1/accounts/acc_1000").text


NO_AMOUNTS = [
    '"5"', '"NaN"', "true", "false", "null", "[]", "{}", "[5]", '""', "1e400", "1e16", "1000000000000000", "1e-400",
    "0.001", "0.00001", "-5", "-0.01", "1e999999999", "1e99999999999999999999", "9" * 5000, "0." + "1" * 5000,
    "-1e400", "123456789012345678901234567890.00",
]  # fmt: skip
NO_JSON = ["NaN", "Infinity", "-Infinity", "+5", "05", ".5", "5.", "0x10", "1_000", "5,00", "--5", "1e"]


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_an_invalid_amount_is_refused_with_its_path(acme: Caller, amount: str) -> None:
    refused = _post(acme, amount)

    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR"), refused.text
    out_of_range = "out of range" in refused.error["message"]
    assert out_of_range or "lines[0].debit" in refused.fields, refused.text
    assert acme.get("/v1/journal-entries").body["meta"]["total"] == 0
    assert acme.get("/v1/accounts/acc_1000").body["balance"] == 0


@pytest.mark.parametrize("amount", ["NaN", "1e400", '"5"', "0.001"])
def test_the_same_holds_for_an_opening_balance(acme: Caller, amount: str) -> None:
    refused = _open(acme, amount)

    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert refused.fields == ["opening_balance"]
    assert acme.get("/v1/accounts").body["meta"]["total"] == 0


@pytest.mark.parametrize("amount", NO_JSON)
def test_invalid_json_is_refused_as_a_whole(acme: Caller, amount: str) -> None:
    refused = _post(acme, amount)

    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert "not valid JSON" in refused.error["message"]
    assert refused.fields == (["lines[0].debit"] if amount in ("NaN", "Infinity", "-Infinity") else [])
    assert acme.get("/v1/journal-entries").body["meta"]["total"] == 0


@pytest.mark.parametrize(("currency", "amount", "digits"), [("JPY", "0.5", 0), ("JPY", "5.0", 0), ("BHD", "1.0001", 3)])
def test_more_digits_than_the_currency_has_are_refused(acme: Caller, currency: str, amount: str, digits: int) -> None:
    refused = _open(acme, amount, currency)

    assert (refused.status, refused.fields) == (400, ["opening_balance"])
    assert refused.error["details"][0]["message"] == f"{currency} has {digits} digits after the point."
    assert acme.get("/v1/accounts").body["meta"]["total"] == 0


def test_a_credit_account_is_signed_to_its_own_side(acme: Caller) -> None:
    assert '"balance":50000.00,' in _open(acme, "50000.00", type_="liability").text
    assert acme.get("/v1/accounts/acc_3900").body["balance"] == Decimal("-50000.00")
