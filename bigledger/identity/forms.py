"""The forms of the pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from bigledger.access.forms import ShownTexts
from bigledger.access.models import User


class SignInForm(ShownTexts, forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(ShownTexts, forms.Form):
    code = forms.RegexField(
        r"^\d{6}$",
        label="Six-digit code",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class JoinForm(ShownTexts, forms.Form):
    """Name and password of somebody new."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters.",
    )

    def __init__(self, *args: object, email: str, **kwargs: object) -> None:
        self.email = email
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        password = cleaned.get("password")
        if isinstance(password, str):
            try:
                validate_password(password, User(email=self.email, name=str(cleaned.get("name", ""))))
            except ValidationError as fault:
                self.add_error("password", fault)
        return cleaned
