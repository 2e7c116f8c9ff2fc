"""Products, tax rates and the tenant's rules for sales documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from bigledger import money
from bigledger.access.principal import Principal
from bigledger.api.lookup import find_named
from bigledger.detail_codes import DetailCode
from bigledger.errors import BusinessRuleViolation, ValidationFailed
from bigledger.events.changes import shown_change
from bigledger.events.record import record
from bigledger.tenants.context import current_tenant
from bigledger.tenants.uniqueness import ensure_unique
from bigledger.tenants.uses import in_words, uses_of
from invoicing.bodies import ProductBody, SalesSettingsBody, TaxRateBody
from invoicing.events import (
    PRODUCT_CREATED,
    PRODUCT_DELETED,
    PRODUCT_UPDATED,
    SETTINGS_UPDATED,
    TAX_RATE_CREATED,
    TAX_RATE_DELETED,
    TAX_RATE_UPDATED,
)
from invoicing.models import Product, SalesSettings, TaxComponent, TaxRate
from invoicing.rules import PRODUCT_IN_USE, TAX_RATE_IN_USE
from invoicing.selectors.catalogue import product_bodies, settings_body, tax_rate_bodies
from invoicing.selectors.sales_accounts import PURPOSES
from invoicing.services.sales_accounts import set_deposit_accounts, set_purposes
from invoicing.services.series import change_series
from invoicing.taxing import Tax
from invoicing.totals import MAX_RATE, effective_rate
from ledger.models import Account, AccountType


@transaction.atomic
def create_tax_rate(
    *,
    code: str,
    name: str,
    rate: Decimal | None = None,
    components: Sequence[Mapping[str, Any]] = (),
    is_active: bool = True,
    acting: Principal,
) -> TaxRateBody:
    """A named tax: one `rate`, or several `components`, of which a compound one includes those before it.

    Raises ValidationFailed; Conflict when the code is taken.
    """
    parts = _components(name, rate, components)
    now = current_tenant().now()
    row = TaxRate(code=code, name=name, is_active=is_active, created_at=now, updated_at=now)
    ensure_unique(row, "invoicing_taxrate_code", "code", force_insert=True)
    _write_components(row, parts)
    body = tax_rate_bodies([row])[0]
    record(TAX_RATE_CREATED, row.id, body, acting=acting)
    return body


@transaction.atomic
def update_tax_rate(*, tax_rate: TaxRate, changes: Mapping[str, Any], acting: Principal) -> TaxRateBody:
    """Changes the given fields; existing documents keep their rates."""
    row = TaxRate.objects.select_for_update().get(pk=tax_rate.pk)
    before = tax_rate_bodies([row])[0]
    for name in ("code", "name", "is_active"):
        if name in changes:
            setattr(row, name, changes[name])
    if "rate" in changes or "components" in changes:
        parts = _components(row.name, changes.get("rate"), changes.get("components", ()))
        TaxComponent.objects.filter(tax_rate=row).delete()
        _write_components(row, parts)
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


@transaction.atomic
def create_product(*, acting: Principal, **values: Any) -> ProductBody:
    """A product from the fields of `ProductInput`, priced in the tenant's base currency unless told.

    Raises ValidationFailed; ResourceNotFound; Conflict when the SKU is taken.
    """
    now = current_tenant().now()
    product = Product(currency=current_tenant().base_currency, created_at=now, updated_at=now)
    _set_product(product, values)
    ensure_unique(product, "invoicing_product_sku", "sku", force_insert=True)
    body = product_bodies([product])[0]
    record(PRODUCT_CREATED, product.id, body, acting=acting)
    return body


@transaction.atomic
def update_product(*, product: Product, changes: Mapping[str, Any], acting: Principal) -> ProductBody:
    product = Product.objects.select_for_update().get(pk=product.pk)
    before = product_bodies([product])[0]
    _set_product(product, changes)
    body = shown_change(product, before, lambda row: product_bodies([row])[0])
    if body is None:
        return before
    ensure_unique(product, "invoicing_product_sku", "sku")
    record(PRODUCT_UPDATED, product.id, body, acting=acting, previous=before)
    return body


@transaction.atomic
def delete_product(*, product: Product, acting: Principal) -> None:
    """Raises BusinessRuleViolation (`product_in_use`) when a document or a template has it on a line."""
    product = Product.objects.select_for_update().get(pk=product.pk)
    if uses := uses_of(product):
        raise BusinessRuleViolation.of(PRODUCT_IN_USE, name=product.name, uses=in_words(uses))
    record(PRODUCT_DELETED, product.id, product_bodies([product])[0], acting=acting)
    product.delete()


@transaction.atomic
def update_sales_settings(*, changes: Mapping[str, Any], acting: Principal) -> SalesSettingsBody:
    """Sets the rules that the tenant's sales documents follow, and the accounts that they post to, from the fields of
    `SalesSettingsInput`. Of the series, limits and deposit accounts only those that are given.

    Raises ResourceNotFound, ValidationFailed and BusinessRuleViolation (`control_account`).
    """
    settings, _ = SalesSettings.objects.select_for_update().get_or_create(defaults={"id": current_tenant().id})
    before = settings_body(settings)
    changes = dict(changes)
    purposes = {name: changes.pop(name) for name in PURPOSES if name in changes}
    set_purposes(purposes, settings_id=settings.public_id, acting=acting)
    set_deposit_accounts(changes.pop("deposit_accounts", {}), acting=acting)
    limits = {currency: str(amount) for currency, amount in changes.pop("small_difference_limit", {}).items()}
    settings.small_difference_limits = settings.small_difference_limits | limits
    for name, value in changes.items():
        if name == "series":
            change_series(settings, value)
        else:
            setattr(settings, name, value)
    body = shown_change(settings, before, settings_body)
    if body is None:
        return before
    settings.save()
    record(SETTINGS_UPDATED, settings.id, body, acting=acting, previous=before)
    return body


def _components(name: str, rate: Decimal | None, components: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    if (rate is None) == (not components):
        code: DetailCode = "incompatible" if components else "required"
        raise ValidationFailed.at("components", "Give either rate or components.", code)
    parts: list[Mapping[str, Any]] = list(components) if components else [{"name": name, "rate": rate}]
    if effective_rate([Tax(**part) for part in parts]) > MAX_RATE:
        raise ValidationFailed.at("components", f"Together the components exceed {MAX_RATE * 100} %.", "too_large")
    return parts


def _write_components(row: TaxRate, parts: Sequence[Mapping[str, Any]]) -> None:
    TaxComponent.objects.bulk_create(
        TaxComponent(tax_rate=row, position=position, **part) for position, part in enumerate(parts, start=1)
    )


def _set_product(product: Product, values: Mapping[str, Any]) -> None:
    values = dict(values)
    reference_given = "revenue_account_id" in values
    if "tax_rate_id" in values:
        reference = values.pop("tax_rate_id")
        product.tax_rate = _active_tax_rate(reference) if reference else None
    if "revenue_account_id" in values:
        reference = values.pop("revenue_account_id")
        product.revenue_account = revenue_account(reference) if reference else None
    for name, value in values.items():
        setattr(product, name, value)
    account = product.revenue_account
    if account and account.currency != product.currency:
        field = "revenue_account_id" if reference_given else "currency"
        raise ValidationFailed.at(field, f"{account.code} is not in {product.currency}.", "wrong_currency")
    price = Decimal(product.unit_price)
    if money.has_excess_digits(price, product.currency) and price != money.to_currency(price, product.currency):
        raise ValidationFailed.at("unit_price", money.excess_digits_message(product.currency), "too_many_digits")


def _active_tax_rate(reference: str) -> TaxRate:
    rate = find_named(TaxRate.objects.all(), reference, "tax_rate_id")
    if not rate.is_active:
        raise ValidationFailed.at("tax_rate_id", f"{rate.name} is inactive.", "inactive")
    return rate


def revenue_account(reference: str) -> Account:
    # Locked, so that it stays a revenue account while what refers to it is written.
    account = find_named(Account.objects.select_for_update(no_key=True), reference, "revenue_account_id")
    if account.type != AccountType.REVENUE:
        raise ValidationFailed.at("revenue_account_id", f"{account.code} is not a revenue account.", "wrong_kind")
    return account
