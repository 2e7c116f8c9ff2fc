"""Input shapes of credentials, members and the tenant."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from rest_framework import serializers

from bigledger import texts, time_zones
from bigledger.access.models import Role, User
from bigledger.access.scopes import SCOPES
from bigledger.api.shapes import (
    AddressInput,
    ChoiceField,
    DescribedField,
    FutureField,
    ListField,
    MetadataField,
    PlainField,
    ReferenceField,
    Shape,
    TextField,
    WholeNumberField,
)

_MAX_IMAGE_TEXT = 1_500_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ScopesField(ListField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ChoiceField(list(SCOPES)), allow_empty=False, max_length=60, **kwargs)


class NetworkField(TextField):
    """An address or a network, as 203.0.113.7 or 10.0.0.0/8."""

    default_error_messages = {"network": "Must be an IP address or network, for example 203.0.113.7 or 10.0.0.0/8."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            self.fail("network")


class RedirectUriField(TextField):
    """Where a code may be sent: https, or http on the person's own machine; no fragment, no user."""

    default_error_messages = {"uri": "Must be an https address (http only on localhost), without # or @."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            self.fail("uri")
        safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
        printable = text.isascii() and text.isprintable() and " " not in text
        if not safe or not host or not printable or "#" in text or "@" in parts.netloc or "*" in parts.netloc:
            self.fail("uri")
        return text


class EmailField(TextField):
    default_error_messages = {"email": "Invalid email format"}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if texts.has_unseen(text):
            self.fail("email")
        try:
            serializers.EmailField(max_length=254).run_validation(text)
        except serializers.ValidationError:
            self.fail("email")
        return text


class TimeZoneField(TextField):
    default_error_messages = {"zone": "Must be a time zone of the IANA database, for example Europe/Berlin."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if text not in time_zones.names():
            self.fail("zone")
        return text


class NewApiKeyInput(Shape):
    name = TextField(max_length=100)
    scopes = ScopesField()
    user_id = ReferenceField(User, required=False)
    allowed_networks = ListField(child=NetworkField(max_length=43), required=False, max_length=50)
    expires_at = FutureField(required=False, allow_null=True)
    metadata = MetadataField()


class NewKioskLinkInput(Shape):
    name = TextField(max_length=100)
    allowed_networks = ListField(child=NetworkField(max_length=43), required=False, max_length=50)
    expires_at = FutureField(required=False)
    metadata = MetadataField()


class NewSigningSecretInput(Shape):
    user_id = ReferenceField(User, required=False)
    scopes = ScopesField(required=False)
    metadata = MetadataField()


class ApplicationInput(Shape):
    name = TextField(max_length=100)
    redirect_uris = ListField(child=RedirectUriField(max_length=500), required=False, max_length=20)
    scopes = ScopesField(required=False)
    metadata = MetadataField()


class NewApplicationInput(ApplicationInput):
    client_type = ChoiceField(["confidential", "public"], required=False)
    grant_type = ChoiceField(["authorization_code", "client_credentials"], required=False)


class NewInvitationInput(Shape):
    email = EmailField(max_length=254)
    role = ChoiceField(Role.choices)
    metadata = MetadataField()


class MemberInput(Shape):
    role = ChoiceField(Role.choices)


class ImageField(DescribedField, PlainField):
    """The bytes of an image, given in base64 or as a `data:` URL of it."""

    default_error_messages = {
        "not_a_string": "Must be a string.",
        "too_large": f"Must have at most {_MAX_IMAGE_TEXT:,} characters.",
        "base64": "Must be an image in base64, or a data: URL with one.",
    }

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": _MAX_IMAGE_TEXT, "contentEncoding": "base64"}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("not_a_string")
        if len(data) > _MAX_IMAGE_TEXT:
            self.fail("too_large")
        start, _, rest = data.partition(",")
        text = rest if start.startswith("data:") and start.endswith(";base64") else data
        try:
            return base64.b64decode(text.encode(), validate=True)
        except ValueError:
            self.fail("base64")


class TenantInput(Shape):
    name = TextField(max_length=200)
    time_zone = TimeZoneField(max_length=60)
    fiscal_year_start_month = WholeNumberField(min_value=1, max_value=12)
    legal_name = TextField(max_length=200, allow_blank=True)
    address = AddressInput(allow_null=True)
    tax_id = TextField(max_length=40, allow_blank=True)
    bank_account = TextField(max_length=500, lines=6, allow_blank=True)
    email = EmailField(max_length=254, allow_blank=True)
    footer = TextField(max_length=500, lines=4, allow_blank=True)
    logo = ImageField(allow_null=True)


class TokenInput(Shape):
    email = TextField(max_length=254)
    password = TextField(max_length=200, trim_whitespace=False, verbatim=True)
    code = TextField(max_length=12, required=False)
    tenant_id = TextField(max_length=40, required=False)
    scope = TextField(max_length=2000, required=False)


class RefreshInput(Shape):
    refresh = TextField(max_length=4000, verbatim=True)


class VerifyInput(Shape):
    token = TextField(max_length=4000, verbatim=True)
