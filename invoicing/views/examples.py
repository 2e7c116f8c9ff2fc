"""Examples of input that several views show in the OpenAPI document."""

from __future__ import annotations

from decimal import Decimal

LINE = {
    "product_id": "prod_789",
    "description": "Consulting Services",
    "quantity": 10,
    "unit_price": Decimal("150.00"),
    "tax_rate": Decimal("0.08"),
    "discount_percentage": 10,
}
