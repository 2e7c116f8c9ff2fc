"""Products and the tenant's rules for sales documents."""

from __future__ import annotations

from collections.abc import Mapping
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
from invoicing.bodies import ProductBody, SalesSettingsBody
from invoicing.events import (
    PRODUCT_CREATED,
    PRODUCT_DELETED,
    PRODUCT_UPDATED,
    SETTINGS_UPDATED,
)
from invoicing.models import Product, SalesSettings, TaxRate
from invoicing.rules import PRODUCT_IN_USE
from invoicing.selectors.catalogue import product_bodies, settings_body
from invoicing.selectors.sales_accounts import PURPOSES
from invoicing.services.sales_accounts import set_deposit_accounts, set_purposes
from invoicing.services.series import change_series
from ledger.models import Account, AccountType


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
