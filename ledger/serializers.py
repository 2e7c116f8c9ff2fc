"""Input shapes of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from bigledger.access.models import Membership
from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DayField,
    FlagField,
    FutureField,
    KeyField,
    ListField,
    MomentField,
    MoneyField,
    QueryFlagField,
    ReferenceField,
    Shape,
    TextField,
    WholeNumberField,
)
from bigledger.periods import COMPARISONS
from bigledger.texts import LINES_OF_A_DESCRIPTION
from ledger.models import (
    MAX_LINES,
    Account,
    AccountSubtype,
    AccountType,
    CashFlow,
    Document,
    EntryStatus,
    JournalEntry,
    Period,
)
from ledger.reports.cash_flow import METHODS
from ledger.services.posting import NewEntry, NewLine


class AccountInput(Shape):
    code = KeyField(Account, max_length=20)
    name = TextField(max_length=200)
    type = ChoiceField(AccountType.choices)
    subtype = ChoiceField(AccountSubtype.choices)
    cash_flow = ChoiceField(CashFlow.choices, required=False, allow_null=True)
    currency = CurrencyField(required=False)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    parent_id = ReferenceField(Account, required=False, allow_null=True)
    is_active = FlagField(required=False)
    is_reconcilable = FlagField(required=False)


class NewAccountInput(AccountInput):
    opening_balance = MoneyField(required=False, signed=True)
    opening_date = DayField(required=False)


class JournalLineInput(Shape):
    account_id = ReferenceField(Account)
    debit = MoneyField(required=False)
    credit = MoneyField(required=False)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)


class JournalEntryInput(Shape):
    date = DayField()
    reference = KeyField(JournalEntry, max_length=64, required=False, allow_null=True)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    lines = ListField(child=JournalLineInput(), max_length=MAX_LINES)
    attachments = ListField(child=ReferenceField(Document), required=False, max_length=50)


class NewJournalEntryInput(JournalEntryInput):
    status = ChoiceField(EntryStatus.choices, required=False)


class ReversalInput(Shape):
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)
    date = DayField(required=False)


class ClosedPeriodParams(Shape):
    """What becomes of an entry that is dated in a closed period."""

    on_closed_period = ChoiceField(("refuse", "next_open"), required=False)


class ClosePeriodInput(Shape):
    scope = ChoiceField(("all", "sales", "purchases"), required=False)


class ReopenPeriodInput(Shape):
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)


class CloseYearInput(Shape):
    year = WholeNumberField(min_value=1900, max_value=8999)


class ReopenYearInput(CloseYearInput):
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)


class LockExceptionInput(Shape):
    period_id = ReferenceField(Period)
    member_id = ReferenceField(Membership, required=False, allow_null=True)
    expires_at = FutureField()
    reason = TextField(max_length=500, lines=LINES_OF_A_DESCRIPTION)


class DocumentInput(Shape):
    file = serializers.FileField(allow_empty_file=True)  # the service says what is wrong with an empty one
    reference = KeyField(Document, max_length=64, required=False)


class KnownParams(Shape):
    """Of a report that can be given as it was known at an earlier moment."""

    known_at = MomentField(past=True, required=False)


class ComparedParams(KnownParams):
    compare = ChoiceField(COMPARISONS, required=False)


class BalanceSheetParams(ComparedParams):
    as_of = DayField(required=False)


class IncomeStatementParams(ComparedParams):
    vars()["from"] = DayField(required=False, source="start")  # a word of Python's own
    to = DayField(required=False, source="end")
    include_closing = QueryFlagField(required=False)


class SpanParams(Shape):
    vars()["from"] = DayField(required=False, source="start")
    to = DayField(required=False, source="end")


class GeneralLedgerParams(KnownParams):
    vars()["from"] = DayField(required=False, source="start")
    to = DayField(required=False, source="end")
    account_id = ReferenceField(Account, required=False)
    cursor = TextField(max_length=1000, required=False)


class CashFlowParams(IncomeStatementParams):
    method = ChoiceField(METHODS, required=False)


class TrialBalanceParams(ComparedParams):
    as_of = DayField(required=False)
    currency = CurrencyField(required=False)


def new_lines(lines: Sequence[Mapping[str, Any]]) -> list[NewLine]:
    return [
        NewLine(account=line["account_id"], **{k: v for k, v in line.items() if k != "account_id"}) for line in lines
    ]


def new_entry(data: Mapping[str, Any]) -> NewEntry:
    """From the checked input to what the posting service takes."""
    return NewEntry(
        date=data["date"],
        lines=new_lines(data["lines"]),
        reference=data.get("reference"),
        description=data.get("description", ""),
        attachments=data.get("attachments", ()),
    )
