"""ISO 4217: the currencies of today and their digits after the point.

Source: List One of the maintenance agency (SIX Financial Information AG), https://www.six-group.com/en/products-services/
financial-information/data-standards.html, as published on 2026-01-01. Left out are funds codes (BOV, CHE, CLF …) and
what has no minor unit (metals, XDR, test codes). A test compares this with the copy of the list in `iso4217` on PyPI.

CLDR, which Babel carries, counts the digits that are customary (none for RSD) and is no substitute.
"""

from __future__ import annotations

PUBLISHED = "2026-01-01"

_CODES = {
    0: """
        BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF
    """,
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC
        CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
        JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
        NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
        SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: """
        BHD IQD JOD KWD LYD OMR TND
    """,
    4: """
        UYW
    """,
}

DIGITS: dict[str, int] = {code: digits for digits, codes in _CODES.items() for code in codes.split()}

# No longer of the standard, and in books of before: kept as they were, not taken for anything new.
WITHDRAWN: dict[str, int] = {"BGN": 2}
