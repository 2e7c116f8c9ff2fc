"""Products, tax rates and settings as they go out."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from bigledger import money
from bigledger.tenants.context import current_tenant
from customers.services.numbering import last_numbers
from invoicing.bodies import ProductBody, SalesSettingsBody, SeriesBody, TaxComponentBody, TaxRateBody
from invoicing.models import Product, SalesSettings, TaxComponent, TaxRate
from invoicing.models.catalogue import NumberedDocument
from invoicing.models.documents import DocumentTax
from invoicing.selectors.sales_accounts import sales_accounts
from invoicing.tax_treatment import USUAL_WORDING, Treatment
from invoicing.taxing import Tax
from invoicing.totals import effective_rate
from ledger.models import Account


def plain(number: Decimal) -> Decimal:
    """A rate or quantity without the zeros its column adds: 0.080000 is 0.08, 10.000000 is 10."""
    normal = number.normalize()
    return normal.quantize(Decimal(1)) if normal.as_tuple().exponent > 0 else normal  # type: ignore[operator]


def taxes_of(tax_rate_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Tax, ...]]:
    """The components of each tax rate, in order."""
    found: dict[uuid.UUID, tuple[Tax, ...]] = defaultdict(tuple)
    rows = TaxComponent.objects.filter(tax_rate_id__in=tax_rate_ids).select_related("tax_rate")
    for row in rows.order_by("tax_rate_id", "position"):
        kind = row.tax_rate.kind
        reason = row.tax_rate.reason or USUAL_WORDING.get(kind, "")
        treatment = Treatment(kind, reason, row.authority, row.account_id)
        found[row.tax_rate_id] += (Tax(row.name, plain(row.rate), row.is_compound, treatment),)
    return found


def tax_of(row: DocumentTax) -> Tax:
    """The tax that a document was written with."""
    return Tax(row.name, plain(row.rate), treatment=Treatment(row.kind, row.reason, row.authority, row.account_id))


def tax_rate_bodies(rates: Sequence[TaxRate]) -> list[TaxRateBody]:
    components = taxes_of([rate.id for rate in rates])
    return [
        TaxRateBody(
            id=rate.public_id,
            code=rate.code,
            name=rate.name,
            kind=rate.kind,
            reason=rate.reason,
            rate=plain(effective_rate(components[rate.id])),
            components=[_component_body(tax) for tax in components[rate.id]],
            is_active=rate.is_active,
            metadata=rate.metadata,
            created_at=rate.created_at,
            updated_at=rate.updated_at,
        )
        for rate in rates
    ]


def _component_body(tax: Tax) -> TaxComponentBody:
    treatment = tax.treatment
    account_id = Account.public_id_of(treatment.account_id)
    return TaxComponentBody(tax.name, tax.rate, tax.is_compound, treatment.authority, account_id)


def product_bodies(products: Sequence[Product]) -> list[ProductBody]:
    return [
        ProductBody(
            id=product.public_id,
            sku=product.sku,
            name=product.name,
            description=product.description,
            unit_price=money.to_price(product.unit_price, product.currency),
            currency=product.currency,
            tax_rate_id=TaxRate.public_id_of(product.tax_rate_id),
            revenue_account_id=Account.public_id_of(product.revenue_account_id),
            is_active=product.is_active,
            metadata=product.metadata,
            created_at=product.created_at,
            updated_at=product.updated_at,
        )
        for product in products
    ]


def sales_settings() -> SalesSettings:
    """The tenant's settings, or the defaults, with their permanent id, if it never changed any."""
    return SalesSettings.objects.first() or SalesSettings(id=current_tenant().id)


def small_difference_limit(settings: SalesSettings, currency: str) -> Decimal:
    """The most that is a small difference in the currency: as set, or a hundred of its smallest units."""
    text = settings.small_difference_limits.get(currency)
    return money.to_currency(Decimal(text) if text else money.unit(currency) * 100, currency)


def settings_body(settings: SalesSettings) -> SalesSettingsBody:
    today, base = current_tenant().today(), current_tenant().base_currency
    series = [settings.series_of(document) for document in NumberedDocument]
    last = last_numbers(each.key(today) for each in series)
    return SalesSettingsBody(
        id=settings.public_id,
        tax_rounding=settings.tax_rounding,
        refuse_over_credit_limit=settings.refuse_over_credit_limit,
        small_difference_limit={
            currency: small_difference_limit(settings, currency)
            for currency in sorted({base, *settings.small_difference_limits})
        },
        number_drafts=settings.number_drafts,
        series=[
            SeriesBody(each.document, each.prefix, each.reset, last.get(each.key(today), 0) + 1) for each in series
        ],
        unapplied_as=settings.unapplied_as,
        bad_debt_method=settings.bad_debt_method,
        **sales_accounts(),
    )
