"""Tax rates: what is charged, by whom, to which account, and under which wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger.access.principal import Principal
from bigledger.api.lookup import find_named
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.uniqueness import ensure_unique
from bigledger.tenants.uses import in_words, uses_of
from invoicing.bodies import TaxRateBody
from invoicing.events import TAX_RATE_CREATED, TAX_RATE_DELETED, TAX_RATE_UPDATED
from invoicing.models import TaxComponent, TaxKind, TaxRate
from invoicing.rules import TAX_RATE_IN_USE
from invoicing.selectors.catalogue import tax_rate_bodies
from invoicing.taxing import Tax
from invoicing.totals import MAX_RATE, effective_rate
from ledger.models import Account, AccountType

Parts = Sequence[Mapping[str, Any]]


@transaction.atomic
def create_tax_rate(
    *,
    code: str,
    name: str,
    kind: str | None = None,
    reason: str = "",
    rate: Decimal | None = None,
    components: Parts = (),
    is_active: bool = True,
    metadata: Mapping[str, str] | None = None,
    acting: Principal,
) -> TaxRateBody:
    """A named tax: one `rate`, or several `components`, of which a compound one includes those before it.

    Without `kind` it is standard, or zero when its rate is zero; the other kinds have no rate. Raises ValidationFailed;
    ResourceNotFound; Conflict when the code is taken.
    """
    now = current_tenant().now()
    row = TaxRate(code=code, name=name, reason=reason, is_active=is_active, created_at=now, updated_at=now)
    row.metadata = dict(metadata or {})
    parts = _parts(row, {"kind": kind, "rate": rate, "components": components})
    ensure_unique(row, "invoicing_taxrate_code", "code", force_insert=True)
    _write_components(row, parts)
    body = tax_rate_bodies([row])[0]
    record(TAX_RATE_CREATED, row.id, body, acting=acting)
    return body


@transaction.atomic
def update_tax_rate(*, tax_rate: TaxRate, changes: Mapping[str, Any], acting: Principal) -> TaxRateBody:
    """Changes the given fields; existing documents keep their rates. Raises what `create_tax_rate` does."""
    row = TaxRate.objects.select_for_update().get(pk=tax_rate.pk)
    before = tax_rate_bodies([row])[0]
    for name in ("code", "name", "reason", "is_active", "metadata"):
        if name in changes:
            setattr(row, name, changes[name])
    if changes.keys() & {"rate", "components", "kind"}:
        parts = _parts(row, changes)
        TaxComponent.objects.filter(tax_rate=row).delete()
        _write_components(row, parts)
    _check_reason(row)
    body = shown_change(row, before, lambda row: tax_rate_bodies([row])[0])
    if body is None:
        return before
    ensure_unique(row, "invoicing_taxrate_code", "code")
    record(TAX_RATE_UPDATED, row.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_tax_rate(*, tax_rate: TaxRate, acting: Principal) -> None:
    """Raises BusinessRuleViolation (`tax_rate_in_use`)."""
    row = TaxRate.objects.select_for_update().get(pk=tax_rate.pk)
    if uses := uses_of(row):
        raise BusinessRuleViolation.of(TAX_RATE_IN_USE, name=row.name, uses=in_words(uses))
    record(TAX_RATE_DELETED, row.id, tax_rate_bodies([row])[0], acting=acting)
    row.delete()


def _parts(row: TaxRate, given: Mapping[str, Any]) -> Parts:
    """The components that are given, or that follow from the kind, which is set."""
    rate, components, kind = given.get("rate"), given.get("components", ()), given.get("kind")
    if rate is not None and components:
        raise ValidationFailed.at("components", "Give either rate or components.", "incompatible")
    if rate is None and not components:
        if kind in (None, TaxKind.STANDARD):
            if row._state.adding or row.kind != TaxKind.STANDARD:
                raise ValidationFailed.at("components", "Give either rate or components.", "required")
            return _kept_parts(row)
        rate = Decimal(0)
    parts: Parts = list(components) if components else [{"name": row.name, "rate": rate}]
    charged = effective_rate([Tax(part["name"], part["rate"], part.get("is_compound", False)) for part in parts])
    if charged > MAX_RATE:
        raise ValidationFailed.at("components", f"Together the components exceed {MAX_RATE * 100} %.", "too_large")
    is_free = row.kind not in (TaxKind.STANDARD, TaxKind.ZERO)
    row.kind = kind or (row.kind if is_free else TaxKind.STANDARD if charged else TaxKind.ZERO)
    if (row.kind == TaxKind.STANDARD) != bool(charged):
        message = f"A tax that is {row.kind} has no rate." if charged else "A standard tax has a rate above zero."
        raise ValidationFailed.at("components" if components else "rate", message, "incompatible")
    _check_reason(row)
    return parts


def _kept_parts(row: TaxRate) -> Parts:
    names = ("name", "rate", "is_compound", "authority", "account_id")
    found = TaxComponent.objects.filter(tax_rate=row).order_by("position").values(*names)
    return [part | {"account_id": Account.public_id_of(part["account_id"])} for part in found]


def _check_reason(row: TaxRate) -> None:
    if row.kind == TaxKind.EXEMPT and not row.reason:
        raise ValidationFailed.at("reason", "An exemption needs its reason; documents show it.", "required")


def _write_components(row: TaxRate, parts: Parts) -> None:
    TaxComponent.objects.bulk_create(
        TaxComponent(
            tax_rate=row,
            position=position,
            account=_tax_account(part["account_id"], position) if part.get("account_id") else None,
            **{name: value for name, value in part.items() if name != "account_id"},
        )
        for position, part in enumerate(parts, start=1)
    )


def _tax_account(reference: str, position: int) -> Account:
    """Raises ValidationFailed for an account that cannot hold tax: not a liability, inactive, or a control account."""
    path = f"components[{position - 1}].account_id"
    # Locked, so that it stays what it is while the component is written.
    account: Account = find_named(Account.objects.select_for_update(no_key=True), reference, path)
    if account.type != AccountType.LIABILITY:
        raise ValidationFailed.at(path, f"{account.code} is not of type liability.", "wrong_kind")
    if not account.is_active:
        raise ValidationFailed.at(path, f"Account {account.code} is inactive.", "inactive")
    if account.control_since:
        raise ValidationFailed.at(path, f"{account.code} already serves {account.purpose}.", "incompatible")
    return account
