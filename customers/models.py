"""The customer, its addresses and contacts, and the number series of sales documents."""

from __future__ import annotations

import secrets
from decimal import Decimal

from django.db import models
from django.db.models.functions import Now

from bigledger.tenants.metadata import WithMetadata
from bigledger.tenants.models import TenantForeignKey, TenantModel
from bigledger.tenants.natural_order import natural_order


def new_hosted_token() -> str:
    """256 random bits, so that nobody can guess the link of a customer's page."""
    return secrets.token_urlsafe(32)


class CustomerStatus(models.TextChoices):
    ACTIVE = "active"
    INACTIVE = "inactive"
    BLOCKED = "blocked"


class Customer(WithMetadata, TenantModel):
    """A buyer. `credit_limit` None means no limit; `balance` is kept, see `services/balance.py`."""

    id_prefix = "cust"
    natural_field = "number"

    number = models.CharField(max_length=40)
    number_order = natural_order("number")
    name = models.CharField(max_length=200)
    name_order = natural_order("name")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.CharField(max_length=200, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    currency = models.CharField(max_length=3)
    payment_terms = models.CharField(max_length=20, default="net_30")
    credit_limit = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True)
    balance = models.DecimalField(max_digits=24, decimal_places=4, default=Decimal(0), editable=False)
    status = models.CharField(max_length=10, choices=CustomerStatus.choices, default=CustomerStatus.ACTIVE)
    custom_fields = models.JSONField(default=dict, blank=True)
    hosted_token = models.CharField(max_length=43, default=new_hosted_token, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name_order",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="customers_customer_number"),
            models.UniqueConstraint(fields=["tenant", "hosted_token"], name="customers_customer_hosted_token"),
        ]
        indexes = [
            models.Index(fields=["tenant", "name_order"], name="customers_customer_name_order"),
            models.Index(fields=["tenant", "number_order"], name="customers_customer_no_order"),
            # The page knows the token before it knows the tenant.
            models.Index(fields=["hosted_token"], name="customers_customer_token"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class CustomerBalance(TenantModel):
    """What a customer owes in another currency than its own; kept as `Customer.balance` is."""

    id_prefix = "cbal"

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="balances")
    currency = models.CharField(max_length=3)
    balance = models.DecimalField(max_digits=24, decimal_places=4, default=Decimal(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "customer", "currency"], name="customers_customerbalance_currency"
            )
        ]


class AddressKind(models.TextChoices):
    BILLING = "billing"
    SHIPPING = "shipping"


class Address(TenantModel):
    """A postal address; a customer has at most one for billing and any number for shipping."""

    id_prefix = "addr"

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=10, choices=AddressKind.choices)
    position = models.PositiveIntegerField()
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=100, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)

    class Meta:
        verbose_name_plural = "addresses"
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "customer", "kind", "position"], name="customers_address_position"
            )
        ]


class Contact(TenantModel):
    """A person at the customer."""

    id_prefix = "cont"

    customer = TenantForeignKey(Customer, models.CASCADE, related_name="contacts")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    role = models.CharField(max_length=100, blank=True)
    is_primary = models.BooleanField(default=False)

    class Meta:
        ordering = ("position",)


class NumberSeries(TenantModel):
    """The last number given in a series (`INV-2024`). The lock on its row ensures that there are no gaps."""

    id_prefix = "ser"

    series = models.CharField(max_length=40)
    last = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "series"], name="customers_numberseries_series")]
