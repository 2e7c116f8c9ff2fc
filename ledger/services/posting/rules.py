"""What an entry must be to be posted; every fault is named."""

from __future__ import annotations

import datetime
import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bigledger import money
from bigledger.api.patience import most_faults
from bigledger.detail_codes import DetailCode
from bigledger.errors import ApiError, BusinessRuleViolation, Detail, ResourceNotFound, ValidationFailed, combined
from bigledger.tenants.context import current_tenant
from ledger.models import MAX_LINES, MAX_RATE, MAX_RATE_DECIMAL_PLACES
from ledger.rules import ACCOUNT_INACTIVE, CONTROL_ACCOUNT
from ledger.services.posting.conversion import currency_of, worths
from ledger.services.posting.entries import ZERO, NewEntry, NewLine
from ledger.services.posting.rated import rated
from ledger.services.references import NamedAccount, References, resolve


class Judged(NamedTuple):
    """The entries with the rates that are kept, what they name, and by its place what is wrong with which."""

    entries: list[NewEntry]
    references: References
    faults: dict[int, ApiError]


def checked(entries: Sequence[NewEntry], *, afresh: bool = False) -> tuple[list[NewEntry], References]:
    """The entries and what they name, when all is in order. Raises as `post_journal_entries`."""
    found, references, faults = judged(entries, afresh=afresh)
    if faults:
        raise combined(list(faults.values()))
    return found, references


def judged(entries: Sequence[NewEntry], *, afresh: bool = False) -> Judged:
    """What the entries name, and what is wrong with which; what is remembered refuses nothing."""
    accounts = {line.account for entry in entries for line in entry.lines}
    references = resolve(accounts, {text for entry in entries for text in entry.attachments}, afresh=afresh)
    found, unvalued = rated(entries, references)
    faults: dict[int, ApiError] = {}
    left = most_faults()
    for position, entry in enumerate(found):
        fault = _fault(entry, references, max(left, 1), lacks_rate=position in unvalued) or unvalued.get(position)
        if fault and references.remembered:
            return judged(entries, afresh=True)
        if fault:
            faults[position] = fault
            left -= len(fault.details)
    return Judged(found, references, faults)


def _fault(entry: NewEntry, references: References, most: int, *, lacks_rate: bool) -> ApiError | None:
    """What is wrong with the entry; the rest of it is not looked at after `most` faults."""
    faults: list[Detail] = []
    missing: list[Detail] = []
    refused: list[Detail] = []
    for position, text in enumerate(entry.attachments):
        if text not in references.documents:
            missing.append(Detail(f"There is no document {text}.", f"attachments[{position}]", code="not_found"))
    for position, line in enumerate(entry.lines):
        if len(faults) + len(missing) + len(refused) >= most:
            break
        path = f"lines[{position}].account_id"
        account = references.accounts.get(line.account)
        if account is None:
            missing.append(Detail(f"There is no account {line.account}.", path, code="not_found"))
            continue
        if account.is_control and entry.source is None:
            refused.append(Detail.of(CONTROL_ACCOUNT, path, code=account.code))
        if not account.is_active and not entry.is_correction:
            refused.append(Detail.of(ACCOUNT_INACTIVE, path, code=account.code))
        faults += _check_amounts(line, account, position)
    faults += _check_lines(entry, references, lacks_rate=lacks_rate)
    faults += reversal_faults(entry.date, entry.reverse_on)
    if not faults and not missing and _is_free(entry) and _comes_to_nothing(entry, references):
        message = "Each account is debited what it is credited, so the entry would change nothing."
        faults.append(Detail(message, "lines", code="incompatible"))
    if faults:
        return ValidationFailed(details=faults + missing + refused)
    if missing:
        return ResourceNotFound("A resource that the request names does not exist", missing)
    return BusinessRuleViolation(refused[0].message, refused) if refused else None


def reversal_faults(date: datetime.date, reverse_on: datetime.date | None) -> list[Detail]:
    """An entry is reversed after its own day."""
    if reverse_on is None or reverse_on > date:
        return []
    return [Detail(f"Must be after the date of the entry, {date}.", "reverse_on", code="out_of_range")]


def _is_free(entry: NewEntry) -> bool:
    """Whether it is an entry of its own, neither of a document nor the mirror of another."""
    return entry.source is None and entry.reversal_of is None


def _comes_to_nothing(entry: NewEntry, references: References) -> bool:
    """Whether no account has anything of it. An account may be on both sides, as long as something is left of it."""
    nets: defaultdict[tuple[uuid.UUID, str], Decimal] = defaultdict(Decimal)
    for line in entry.lines:
        account = references.accounts[line.account]
        nets[account.id, currency_of(line, account)] += line.debit - line.credit
    return not any(nets.values())


def _check_amounts(line: NewLine, account: NamedAccount, position: int) -> list[Detail]:
    path = f"lines[{position}]"
    currency = currency_of(line, account)
    faults = [
        Detail(money.excess_digits_message(currency), f"{path}.{side}", code="too_many_digits")
        for side, amount in (("debit", line.debit), ("credit", line.credit))
        if money.has_excess_digits(amount, currency)
    ]
    if line.debit and line.credit:
        faults.append(Detail("A line is either a debit or a credit, not both.", path, code="incompatible"))
    elif not line.debit and not line.credit:
        faults.append(Detail("A line needs a debit or a credit.", path, code="required"))
    return faults


def _check_lines(entry: NewEntry, references: References, *, lacks_rate: bool) -> list[Detail]:
    if not 2 <= len(entry.lines) <= MAX_LINES:
        code: DetailCode = "too_few" if len(entry.lines) < 2 else "too_many"
        return [Detail(f"An entry has from 2 to {MAX_LINES} lines.", "lines", code=code)]
    base = current_tenant().base_currency
    is_in_base = True
    debit: defaultdict[str, Decimal] = defaultdict(Decimal)
    credit: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in entry.lines:
        account = references.accounts.get(line.account)
        if account is None:
            return []
        currency = currency_of(line, account)
        debit[currency] += line.debit
        credit[currency] += line.credit
        is_in_base = is_in_base and currency == base == account.currency
    faults = _check_base_lines(entry, references, base)
    if is_in_base:
        return faults or _check_totals(debit[base], credit[base], base)
    faults += _check_conversion(entry, references, base)
    if not faults and len(debit) == 1:
        ((currency, total),) = debit.items()
        faults = _check_totals(total, credit[currency], currency)
    return faults if lacks_rate else faults or _check_base(entry, references, base)


def _check_totals(debit: Decimal, credit: Decimal, currency: str) -> list[Detail]:
    if debit >= money.MAX_AMOUNT or credit >= money.MAX_AMOUNT:
        return [Detail(f"The total has more than {money.MAX_INTEGER_DIGITS} digits.", "lines", code="too_large")]
    if debit == credit:
        return []
    message = f"Debits of {_shown(debit, currency)} do not equal credits of {_shown(credit, currency)}."
    return [Detail(message, "lines", code="unbalanced")]


def _check_base_lines(entry: NewEntry, references: References, base: str) -> list[Detail]:
    """A line in the base currency is worth itself, whatever it says."""
    faults = []
    for position, line in enumerate(entry.lines):
        is_plain = line.exchange_rate is None and line.base_amount is None
        if is_plain or currency_of(line, references.accounts[line.account]) != base:
            continue
        if line.exchange_rate not in (None, 1):
            message = f"A line in {base}, the base currency, is at the rate 1."
            faults.append(Detail(message, f"lines[{position}].exchange_rate", code="incompatible"))
        if line.base_amount not in (None, line.amount):
            message = f"A line in {base}, the base currency, is worth its amount."
            side = "debit" if line.debit else "credit"
            faults.append(Detail(message, f"lines[{position}].base_{side}", code="incompatible"))
    return faults


def _check_conversion(entry: NewEntry, references: References, base: str) -> list[Detail]:
    """Whether each foreign line may be where it is, at the rate that it has."""
    faults = _check_rate(entry.exchange_rate, "exchange_rate")
    for position, line in enumerate(entry.lines):
        account = references.accounts[line.account]
        currency = currency_of(line, account)
        path = f"lines[{position}]"
        is_revalued = currency == base and entry.is_revaluation
        if account.currency not in (currency, base) and not is_revalued:
            message = f"Account {account.code} takes lines in {account.currency} only, not in {currency}."
            faults.append(Detail(message, f"{path}.currency", code="wrong_currency"))
        if currency == base:
            continue
        faults += _check_rate(line.exchange_rate, f"{path}.exchange_rate")
        if line.base_amount is not None and (line.base_amount < 0 or money.has_excess_digits(line.base_amount, base)):
            message = f"Must be an amount in {base}, 0 or more."
            faults.append(Detail(message, f"{path}.base_{'debit' if line.debit else 'credit'}", code="out_of_range"))
    return faults


def _check_rate(rate: Decimal | None, path: str) -> list[Detail]:
    if rate is None:
        return []
    if not ZERO < rate < MAX_RATE:
        return [Detail(f"Must be more than 0 and less than {MAX_RATE}.", path, code="out_of_range")]
    exponent = rate.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MAX_RATE_DECIMAL_PLACES:
        return [Detail(f"Has more than {MAX_RATE_DECIMAL_PLACES} decimals.", path, code="too_many_digits")]
    return []


def _check_base(entry: NewEntry, references: References, base: str) -> list[Detail]:
    """What balances in its own currency balances in base too, unless amounts in base were given."""
    found = worths(entry, references.accounts, base)
    sides = list(zip(entry.lines, found, strict=True))
    debit = sum((worth.base or ZERO for line, worth in sides if line.debit), ZERO)
    credit = sum((worth.base or ZERO for line, worth in sides if line.credit), ZERO)
    return _check_totals(debit, credit, base)


def _shown(amount: Decimal, currency: str) -> str:
    """With the digits of the currency, and with more when there are more: they are what is wrong."""
    exact = amount if money.has_excess_digits(amount, currency) else money.to_currency(amount, currency)
    return f"{exact} {currency}"
