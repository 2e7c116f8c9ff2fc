"""Input shapes of customers."""

from __future__ import annotations

import re
from typing import Any

from django.core.validators import EmailValidator, URLValidator
from rest_framework import serializers

from bigledger import texts
from bigledger.api.shapes import (
    AddressInput,
    ChoiceField,
    CurrencyField,
    DescribedField,
    FlagField,
    KeyField,
    ListField,
    MetadataField,
    MoneyField,
    Shape,
    TextField,
)
from bigledger.tenants.metadata import in_stored_order
from customers.models import Customer, CustomerStatus

_TERMS = re.compile(
    r"due_on_receipt|(?:(?P<percentage>[0-9]{1,2}(?:\.[0-9]{1,2})?)_(?P<early>[1-9][0-9]{0,2})_)?net_(?P<net>[1-9][0-9]{0,2})"
)
_MAX_CUSTOM_FIELDS, _MAX_CUSTOM_NAME, _MAX_CUSTOM_LENGTH, _MAX_CUSTOM_NUMBER = 50, 60, 500, 2**53


class EmailField(TextField):
    """One e-mail address."""

    default_error_messages = {"email": "Invalid email format"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)
        self.validators.append(EmailValidator("Invalid email format"))

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if texts.has_unseen(text):
            self.fail("email")
        return text


class PaymentTermsField(TextField):
    """`due_on_receipt`, `net_<days>` or `<percentage>_<days>_net_<days>`: 2_10_net_30 is 2 % off within 10 days."""

    default_error_messages = {
        "terms": "Must be due_on_receipt or net_<days>, for example net_30, or with a discount 2_10_net_30."
    }

    def to_internal_value(self, data: Any) -> str:
        terms = super().to_internal_value(data)
        found = _TERMS.fullmatch(terms)
        if not found:
            self.fail("terms")
        if found["percentage"] and not (float(found["percentage"]) and int(found["early"]) <= int(found["net"])):
            self.fail("terms")
        return terms


class CustomFieldsField(DescribedField, serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """A flat object of texts, whole numbers and flags, kept as they are."""

    default_error_messages = {
        "not_an_object": "Must be an object.",
        "many": f"Must have at most {_MAX_CUSTOM_FIELDS} fields.",
        "name": f"A name must be one line of 1 to {_MAX_CUSTOM_NAME} characters.",
        "value": f"A value must be a string of at most {_MAX_CUSTOM_LENGTH} characters, an integer or a boolean.",
    }

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": ["string", "integer", "boolean"]}}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        if len(data) > _MAX_CUSTOM_FIELDS:
            self.fail("many")
        return in_stored_order({self._name(name): self._value(name, value) for name, value in data.items()})

    def _name(self, name: str) -> str:
        try:
            found = texts.clean(name, longest=_MAX_CUSTOM_NAME)
        except texts.BadText:
            found = ""
        if not 1 <= len(found) <= _MAX_CUSTOM_NAME:
            self.fail("name")
        return found

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = texts.clean(value, lines=texts.LINES_OF_A_DESCRIPTION, longest=_MAX_CUSTOM_LENGTH)
            except texts.BadText as fault:
                raise serializers.ValidationError({name: [str(fault)]}, fault.code) from None
            valid = len(value) <= _MAX_CUSTOM_LENGTH
        else:
            valid = isinstance(value, int) and abs(value) <= _MAX_CUSTOM_NUMBER
        if not valid:
            raise serializers.ValidationError({name: [self.error_messages["value"]]})
        return value


class ContactInput(Shape):
    name = TextField(max_length=200)
    email = EmailField(required=False, allow_blank=True)
    phone = TextField(max_length=40, required=False, allow_blank=True)
    role = TextField(max_length=100, required=False, allow_blank=True)
    is_primary = FlagField(required=False)


class CustomerInput(Shape):
    name = TextField(max_length=200)
    number = KeyField(Customer, max_length=40, required=False)
    email = EmailField(required=False, allow_blank=True)
    phone = TextField(max_length=40, required=False, allow_blank=True)
    website = TextField(
        max_length=200, required=False, allow_blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    tax_id = TextField(max_length=40, required=False, allow_blank=True)
    currency = CurrencyField(required=False)
    payment_terms = PaymentTermsField(required=False)
    credit_limit = MoneyField(required=False, allow_null=True)
    status = ChoiceField(CustomerStatus.choices, required=False)
    billing_address = AddressInput(required=False, allow_null=True)
    shipping_addresses = ListField(child=AddressInput(), required=False, max_length=50)
    contacts = ListField(child=ContactInput(), required=False, max_length=50)
    custom_fields = CustomFieldsField(required=False)
    metadata = MetadataField()
