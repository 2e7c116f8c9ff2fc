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
    """A code of an authenticator, or a recovery code (`abcd-2345-efgh-6722`)."""

    code = forms.RegexField(
        r"^(\d{6}|[A-Za-z2-7]{4}(-?[A-Za-z2-7]{4}){3})$",
        max_length=40,
        label="Six-digit code, or a recovery code",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class NewPasskeyForm(ShownTexts, forms.Form):
    name = forms.CharField(
        max_length=64,
        label="Name of the device",
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    state = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)
    credential = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if not cleaned.get("credential"):
            self.add_error(None, "This browser made no passkey. Try another browser or device.")
        return cleaned


class ForgottenForm(ShownTexts, forms.Form):
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class NewPasswordForm(ShownTexts, forms.Form):
    password = forms.CharField(
        label="New password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters.",
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        self.user = user
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class OwnPasswordForm(NewPasswordForm):
    current = forms.CharField(
        label="Current password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("current", "password")


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
