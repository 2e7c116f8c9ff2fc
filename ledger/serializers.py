"""Input shapes of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from bigledger import money
from bigledger.access.models import Membership
from bigledger.api.shapes import (
    ChoiceField,
    CurrencyField,
    DayField,
    DescribedField,
    FlagField,
    FutureField,
    KeyField,
    ListField,
    MetadataField,
    MomentField,
    MoneyField,
    NumberField,
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
    MAX_RATE,
    MAX_RATE_DECIMAL_PLACES,
    MAX_SCHEDULE_MONTHS,
    Account,
    AccountSubtype,
    AccountType,
    CashFlow,
    Document,
    EntryStatus,
    Frequency,
    JournalEntry,
    OnClosedPeriod,
    Period,
    RateType,
    RevaluationMode,
    ScheduleMethod,
)
from ledger.reports.cash_flow import METHODS
from ledger.services.posting import NewEntry, NewLine


def RateField(**kwargs: Any) -> NumberField:  # noqa: N802 (reads as the fields beside it)
    """What a line may be posted at: over 0, of at most 10 digits before the point and 10 after it."""
    return NumberField(most=int(MAX_RATE) - 1, places=MAX_RATE_DECIMAL_PLACES, positive=True, **kwargs)


class ExchangeRateChanges(Shape):
    rate = RateField()
    vars()["source"] = TextField(max_length=100, required=False, allow_blank=True)  # a name of the base class too
    metadata = MetadataField()


class ExchangeRateInput(ExchangeRateChanges):
    currency = CurrencyField()
    quote_currency = CurrencyField(required=False)
    date = DayField()
    type = ChoiceField(RateType.choices, required=False)


class RatesField(DescribedField, serializers.Field[dict[str, Decimal], Any, dict[str, Decimal], Any]):
    """Base units for one unit, by currency: `{"EUR": 1.0837}`."""

    default_error_messages = {"not_an_object": "Must be an object of rates by currency."}

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": {"type": "number", "format": "decimal", "exclusiveMinimum": 0},
        }

    def to_internal_value(self, data: Any) -> dict[str, Decimal]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        faults: dict[str, Any] = {}
        rates = {}
        for currency, rate in data.items():
            if currency not in money.currencies():
                faults[currency] = serializers.ErrorDetail("Must be an ISO 4217 currency code.", "unknown_code")
                continue
            try:
                rates[currency] = RateField().run_validation(rate)
            except serializers.ValidationError as fault:
                faults[currency] = fault.detail
        if faults:
            raise serializers.ValidationError(faults)
        return rates


class FxRevaluationInput(Shape):
    as_of = DayField()
    rates = RatesField(required=False)
    mode = ChoiceField(RevaluationMode.choices, required=False)
    metadata = MetadataField()


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
    metadata = MetadataField()


class NewAccountInput(AccountInput):
    opening_balance = MoneyField(required=False, signed=True)
    opening_date = DayField(required=False)
    opening_exchange_rate = RateField(required=False)


class JournalLineInput(Shape):
    """Amounts are in `currency`, the account's own when it is not given. What a foreign line is worth in base is its
    `base_debit` or `base_credit`, else its amount at `exchange_rate`, else at the rate that is kept for the day."""

    account_id = ReferenceField(Account)
    debit = MoneyField(required=False)
    credit = MoneyField(required=False)
    currency = CurrencyField(required=False, allow_null=True)
    exchange_rate = RateField(required=False, allow_null=True)
    base_debit = MoneyField(required=False, allow_null=True)
    base_credit = MoneyField(required=False, allow_null=True)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = {
            f"base_{side}": [serializers.ErrorDetail(f"The line has no {side}.", "incompatible")]
            for side in ("debit", "credit")
            if attrs.get(f"base_{side}") and not attrs.get(side)
        }
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class JournalEntryInput(Shape):
    date = DayField()
    reference = KeyField(JournalEntry, max_length=64, required=False, allow_null=True)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    reverse_on = DayField(required=False, allow_null=True)
    lines = ListField(child=JournalLineInput(), max_length=MAX_LINES)
    attachments = ListField(child=ReferenceField(Document), required=False, max_length=50)
    metadata = MetadataField()


class NewJournalEntryInput(JournalEntryInput):
    status = ChoiceField(EntryStatus.choices, required=False)


class TemplateLineInput(Shape):
    account_id = ReferenceField(Account)
    debit = MoneyField(required=False)
    credit = MoneyField(required=False)
    currency = CurrencyField(required=False, allow_null=True)
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)


class EntryTemplateInput(Shape):
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    lines = ListField(child=TemplateLineInput(), max_length=MAX_LINES)


class RecurringEntryChanges(Shape):
    template = EntryTemplateInput()
    end_date = DayField(required=False, allow_null=True)
    auto_post = FlagField(required=False)
    on_closed_period = ChoiceField(OnClosedPeriod.choices, required=False)
    metadata = MetadataField()


class RecurringEntryInput(RecurringEntryChanges):
    frequency = ChoiceField(Frequency.choices)
    start_date = DayField(required=False)


class ScheduleChanges(Shape):
    description = TextField(max_length=1000, lines=LINES_OF_A_DESCRIPTION, required=False, allow_blank=True)
    metadata = MetadataField()


class ScheduleInput(ScheduleChanges):
    """An amount, and what it is debited and credited to each month. With `invoice_line_id` the amount is the revenue of
    that line, which is credited back to its account."""

    amount = MoneyField(required=False)
    debit_account_id = ReferenceField(Account)
    credit_account_id = ReferenceField(Account, required=False)
    invoice_line_id = TextField(max_length=100, required=False)
    method = ChoiceField(ScheduleMethod.choices, required=False)
    start_date = DayField(required=False)
    months = WholeNumberField(min_value=1, max_value=MAX_SCHEDULE_MONTHS, required=False)
    end_date = DayField(required=False)


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
    metadata = MetadataField()


class DocumentInput(Shape):
    file = serializers.FileField(allow_empty_file=True)  # the service says what is wrong with an empty one
    reference = KeyField(Document, max_length=64, required=False)
    metadata = MetadataField(is_text=True)


class KnownParams(Shape):
    """Of a report that can be given as it was known at an earlier moment."""

    known_at = MomentField(past=True, required=False)


class ComparedParams(KnownParams):
    compare = ChoiceField(COMPARISONS, required=False)


class BalanceSheetParams(ComparedParams):
    as_of = DayField(required=False)


class ComparedSpanParams(ComparedParams):
    vars()["from"] = DayField(required=False, source="start")  # a word of Python's own
    to = DayField(required=False, source="end")


class IncomeStatementParams(ComparedSpanParams):
    include_closing = QueryFlagField(required=False)


class SpanParams(Shape):
    vars()["from"] = DayField(required=False, source="start")
    to = DayField(required=False, source="end")


class GeneralLedgerParams(KnownParams):
    vars()["from"] = DayField(required=False, source="start")
    to = DayField(required=False, source="end")
    account_id = ReferenceField(Account, required=False)
    cursor = TextField(max_length=1000, required=False)


class CashFlowParams(ComparedSpanParams):
    method = ChoiceField(METHODS, required=False)


class TrialBalanceParams(ComparedParams):
    as_of = DayField(required=False)
    currency = CurrencyField(required=False)


def new_lines(lines: Sequence[Mapping[str, Any]]) -> list[NewLine]:
    return [_new_line(line) for line in lines]


def _new_line(line: Mapping[str, Any]) -> NewLine:
    fields = {"account": line["account_id"], **line}
    for name in ("account_id", "base_debit", "base_credit"):
        fields.pop(name, None)
    return NewLine(**fields, base_amount=line.get("base_debit" if line.get("debit") else "base_credit"))


def recurring_entry(data: Mapping[str, Any]) -> dict[str, Any]:
    """From the checked input to what the services of recurring entries take."""
    if "template" not in data:
        return dict(data)
    template = dict(data["template"])
    if "lines" in template:
        template["lines"] = new_lines(template["lines"])
    return {**data, "template": template}


def new_entry(data: Mapping[str, Any]) -> NewEntry:
    """From the checked input to what the posting service takes."""
    return NewEntry(
        date=data["date"],
        lines=new_lines(data["lines"]),
        reference=data.get("reference"),
        description=data.get("description", ""),
        reverse_on=data.get("reverse_on"),
        attachments=data.get("attachments", ()),
        metadata=data.get("metadata"),
    )
