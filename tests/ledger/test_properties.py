"""What holds for any books: whatever is posted, the trial balance balances and the kept balances are the lines'."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db.models import Sum
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bigledger.errors import ValidationFailed
from bigledger.tenants.context import tenant_context
from ledger.models import Account, JournalEntry, JournalLine
from ledger.reports.trial_balance import trial_balance
from ledger.selectors import balances
from ledger.services.posting import NewEntry, NewLine, post_journal_entries
from ledger.services.reversal import reverse_journal_entry
from tests.api.conftest import CHART, open_chart
from tests.conftest import Caller

AMOUNTS = st.integers(1, 10**17 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
CODES = st.sampled_from(sorted(CHART))
DAYS = st.dates(datetime.date(2023, 11, 1), datetime.date(2024, 3, 31))
BOOKS = settings(max_examples=25)


@st.composite
def entries(draw: st.DrawFn) -> NewEntry:
    """A balanced entry: amounts on one side, their sum in one or two parts on the other."""
    amounts = draw(st.lists(AMOUNTS.filter(lambda amount: amount < 10**14), min_size=1, max_size=6))
    total = sum(amounts, Decimal(0))
    part = min(draw(AMOUNTS), total)
    others = [amount for amount in (part, total - part) if amount]
    left = [NewLine(f"acc_{draw(CODES)}", debit=amount) for amount in amounts]
    right = [NewLine(f"acc_{draw(CODES)}", credit=amount) for amount in others]
    lines = draw(st.permutations(left + right))
    nets: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        nets[line.account] += line.debit - line.credit
    assume(any(nets.values()))  # an entry that changes nothing is refused
    return NewEntry(date=draw(DAYS), lines=lines)


Nets = dict[object, tuple[Decimal, Decimal]]


def _of_lines() -> Nets:
    """Debit less credit of each account, in its currency and in base, summed from its lines; those that come to 0 left
    out."""
    rows = JournalLine.objects.values_list("account_id").annotate(
        net=Sum("debit") - Sum("credit"), base_net=Sum("base_debit") - Sum("base_credit")
    )
    return {account: (net, base_net) for account, net, base_net in rows if net or base_net}


def _kept() -> Nets:
    """The same, as it is kept."""
    kept = balances(list(Account.objects.values_list("id", flat=True)))
    return {account: (each.net, each.base_net) for account, each in kept.items() if each.net or each.base_net}


@pytest.fixture
def books(acme: Caller) -> Iterator[Caller]:
    """acme's chart and context. The examples of a test add up in one transaction."""
    open_chart(acme)
    with tenant_context(acme.tenant):
        yield acme


@BOOKS
@given(st.lists(entries(), min_size=1, max_size=5))
def test_any_balanced_entries_keep_the_books_balanced(books: Caller, batch: list[NewEntry]) -> None:
    before = JournalEntry.objects.count()

    bodies = post_journal_entries(entries=batch, acting=books.principal)

    assert JournalEntry.objects.count() == before + len(batch)
    assert len({body.number for body in bodies}) == len(batch)
    assert [body.total_debit for body in bodies] == [sum(line.debit for line in entry.lines) for entry in batch]
    assert _kept() == _of_lines()
    assert sum(net for net, _ in _kept().values()) == sum(base_net for _, base_net in _kept().values()) == 0


@BOOKS
@given(st.lists(entries(), min_size=1, max_size=5), DAYS)
def test_the_trial_balance_of_any_day_is_the_sum_of_the_lines(
    books: Caller, batch: list[NewEntry], as_of: datetime.date
) -> None:
    post_journal_entries(entries=batch, acting=books.principal)

    report = trial_balance(as_of=as_of)

    lines = JournalLine.objects.filter(date__lte=as_of).values_list("account__code")
    nets = dict(lines.annotate(net=Sum("debit") - Sum("credit")))
    shown = {row.account.code: row.debit - row.credit for row in report.rows}
    assert shown == {code: net for code, net in nets.items() if net}
    assert report.totals.debit == report.totals.credit


@BOOKS
@given(entries(), DAYS)
def test_a_reversal_restores_every_balance(books: Caller, entry: NewEntry, day: datetime.date) -> None:
    before = _kept()
    body = post_journal_entries(entries=[entry], acting=books.principal)[0]
    posted = JournalEntry.objects.get(number=body.number)

    mirrored = reverse_journal_entry(entry=posted, reason="property", date=max(day, entry.date), acting=books.principal)

    assert _kept() == before
    sides = [(line.debit, line.credit) for line in mirrored.lines]
    assert sides == [(line.credit, line.debit) for line in body.lines]


@BOOKS
@given(st.lists(entries(), min_size=1, max_size=4), st.data())
def test_one_wrong_entry_leaves_nothing_of_its_batch(books: Caller, batch: list[NewEntry], data: st.DataObject) -> None:
    wrong = NewEntry(date=data.draw(DAYS), lines=[NewLine("acc_1000", debit=Decimal(1)), NewLine("acc_4000")])
    batch.insert(data.draw(st.integers(0, len(batch))), wrong)
    before = (JournalEntry.objects.count(), _of_lines(), _kept())

    with pytest.raises(ValidationFailed):
        post_journal_entries(entries=batch, acting=books.principal)

    assert (JournalEntry.objects.count(), _of_lines(), _kept()) == before
