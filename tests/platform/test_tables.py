"""Tables of standards are the standard's, not a neighbour's: ISO 4217, IANA, ISO 3166, and a gateway's own."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib.resources import files
from xml.etree import ElementTree

import iso4217 as packaged
import pycountry
import pytest

from bigledger import iso3166, iso4217, money, time_zones
from bigledger.errors import BusinessRuleViolation
from invoicing.gateway import stripe_currencies
from invoicing.gateway.stripe_currencies import minor_units
from invoicing.selectors.formatting import format_money
from tests.conftest import Caller

D = Decimal


def list_one() -> tuple[str, dict[str, int]]:
    """When SIX's list was published, and the digits of each currency in it that is money."""
    root = ElementTree.fromstring(files(packaged).joinpath("table.xml").read_bytes())  # noqa: S314 - a package's file
    found: dict[str, int] = {}
    for entry in root.iter("CcyNtry"):
        name, code, digits = entry.find("CcyNm"), entry.findtext("Ccy"), entry.findtext("CcyMnrUnts")
        if name is not None and code and digits and digits.isdigit() and "IsFund" not in name.attrib:
            found[code] = int(digits)
    return root.attrib["Pblshd"], found


def test_currencies_and_their_digits_are_those_of_iso_4217() -> None:
    assert list_one() == (iso4217.PUBLISHED, iso4217.DIGITS)
    assert {code for code in iso4217.DIGITS if pycountry.currencies.get(alpha_3=code) is None} <= {"XAD"}
    assert not iso4217.WITHDRAWN.keys() & iso4217.DIGITS.keys()
    assert max(iso4217.DIGITS.values()) <= money.MAX_DECIMAL_PLACES


@pytest.mark.parametrize("currency", sorted(iso4217.DIGITS))
def test_money_has_the_digits_of_its_currency_everywhere(currency: str) -> None:
    digits = iso4217.DIGITS[currency]
    smallest = D(1).scaleb(-digits)
    assert not money.has_excess_digits(smallest, currency)
    assert money.has_excess_digits(smallest / 10, currency)
    assert str(money.to_currency(smallest * 3 / 2, currency)) == str(smallest * 2)
    shown = re.findall(r"[0-9][0-9.,]*", format_money(D(1234) + smallest, currency))
    assert shown[-1].replace(",", "") == f"{D(1234) + smallest:f}"


def test_computed_amounts_are_rounded_to_the_same_digits(acme: Caller) -> None:
    line = {"description": "x", "quantity": 1, "tax_rate": D("0.1")}
    for currency, digits in iso4217.DIGITS.items():
        price = D(1).scaleb(-digits) * 125
        good = acme.post("/v1/tax-calculations", {"currency": currency, "lines": [line | {"unit_price": price}]})
        assert good.status == 200, (currency, good.text)
        assert good.body["tax_total"] == D(1).scaleb(-digits) * 13, currency
        # A unit price has up to ten digits, an amount those of its currency.
        for name, fine in (("unit_price", D(1).scaleb(-11)), ("discount_amount", D(1).scaleb(-digits - 1))):
            finer = line | {"unit_price": price, name: fine}
            bad = acme.post("/v1/tax-calculations", {"currency": currency, "lines": [finer]})
            assert (bad.status, bad.fields) == (400, [f"lines[0].{name}"]), (currency, bad.text)


@pytest.mark.parametrize("code", ["BGN", "HRK", "XAU", "XXX", "CHE", "CLF", "USN", "XDR", "DEM", "usd"])
def test_a_currency_that_is_not_in_use_is_refused(acme: Caller, code: str) -> None:
    assert acme.post("/v1/customers", {"name": "n", "currency": code}).fields == ["currency"]


def test_books_in_a_withdrawn_currency_keep_their_digits() -> None:
    assert money.to_currency(D("1.255"), "BGN") == D("1.26")


STRIPE = [
    ("14.58", "USD", "1458"), ("5000", "JPY", "5000"), ("1.250", "BHD", "1250"), ("5000", "ISK", "500000"),
    ("5", "UGX", "500"), ("10.45", "HUF", "1045"), ("800.45", "TWD", "80045"), ("12.30", "RSD", "1230"),
    ("5", "MGA", "5"), ("5.12", "KWD", "5120"), ("7", "VND", "7"), ("1.10", "EUR", "110"),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "currency", "units"), STRIPE)
def test_stripe_is_asked_in_its_own_units(amount: str, currency: str, units: str) -> None:
    assert minor_units(D(amount), currency) == units


@pytest.mark.parametrize(("amount", "currency"), [("5.124", "KWD"), ("0.50", "MGA"), ("5", "IQD"), ("1", "LYD")])
def test_amounts_that_stripe_cannot_charge_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(BusinessRuleViolation):
        minor_units(D(amount), currency)


def test_every_currency_is_asked_of_stripe_as_a_whole_number_or_refused() -> None:
    """No currency falls through: 1 is 1, 100 or 1000 of its units as Stripe's own lists say."""
    for currency, digits in iso4217.DIGITS.items():
        if currency in stripe_currencies.NOT_TAKEN:
            continue
        own = {0: "1", 2: "100", 3: "1000"}[digits]
        expected = {"ISK": "100", "UGX": "100", "MGA": "1"}.get(currency, own)
        assert minor_units(D(1), currency) == expected, currency


def test_time_zones_are_those_of_the_iana_database() -> None:
    """By the database's own text: its zones and its links."""
    text = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text()
    zones = {line.split()[1] for line in text.splitlines() if line.startswith("Z ")}
    links = {line.split()[2] for line in text.splitlines() if line.startswith("L ")}
    assert time_zones.names() == (zones | links) - {"Factory"}
    assert {"Europe/Berlin", "UTC", "Asia/Kolkata", "US/Pacific"} <= time_zones.names()
    assert all(time_zones.zone(name).key == name for name in time_zones.names())


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "Factory", "posix/UTC", "right/UTC", "../UTC", "europe/berlin"]
)
def test_a_zone_that_only_this_machine_knows_is_refused(acme: Caller, name: str) -> None:
    before = acme.get("/v1/tenant").body["time_zone"]
    refused = acme.patch("/v1/tenant", {"name": "Acme", "time_zone": name})
    assert (refused.status, refused.fields) == (400, ["time_zone"])
    assert acme.get("/v1/tenant").body["time_zone"] == before


def test_countries_are_those_of_iso_3166() -> None:
    assert {country.alpha_2 for country in pycountry.countries} == iso3166.ASSIGNED
