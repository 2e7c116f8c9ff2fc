"""A forgotten password: the link by mail, and the new password."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.access.models import User
from bigledger.errors import RateLimitExceeded, ResourceNotFound
from bigledger.identity.forms import ForgottenForm, NewPasswordForm
from bigledger.identity.pages.page import Page
from bigledger.identity.services.own_account import ask_for_reset, set_password, user_of_reset


class ForgottenView(Page):
    """The answer is the same whether there is such a person or not."""

    template_name = "identity/form.html"
    form_class = ForgottenForm
    title = "Forgotten your password?"
    action = "Send me a link"

    def form_valid(self, form: ForgottenForm) -> HttpResponse:
        email, address = form.cleaned_data["email"], address_of(self.request)
        asked = f"reset of {email}"
        try:
            limits.refuse_sign_in(asked, address)
        except RateLimitExceeded as fault:
            return self.refuse(form, fault)
        limits.count_sign_in(asked, address)
        ask_for_reset(email=email)
        context = {
            "title": "Look into your mailbox",
            "message": f"If {email} can sign in here, a mail with a link is on its way. The link works for an hour.",
            "link": "/sign-in",
            "link_text": "Sign in",
        }
        return render(self.request, "identity/message.html", context)


class ResetView(Page):
    """The second factor stays: whoever reads somebody's mail has only one of the two."""

    template_name = "identity/form.html"
    form_class = NewPasswordForm
    title = "Choose a new password"
    action = "Save password"
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        address = address_of(request)
        try:
            limits.refuse_if_many(address)
            self.user = user_of_reset(kwargs["user_id"], kwargs["token"])
        except RateLimitExceeded as fault:
            return _refused(request, fault)
        except ResourceNotFound as fault:
            try:
                limits.count_failure(address)
            except RateLimitExceeded as refusal:
                return _refused(request, refusal)
            return _refused(request, fault)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        set_password(user=self.user, password=form.cleaned_data["password"])
        context = {
            "title": "Your password is changed",
            "message": "All browsers in which you had signed in are signed out.",
            "link": "/sign-in",
            "link_text": "Sign in",
        }
        return render(self.request, "identity/message.html", context)


def _refused(request: HttpRequest, fault: Any) -> HttpResponse:
    context = {
        "title": "This link is not valid", "message": fault.message, "link": "/sign-in/forgotten",
        "link_text": "Ask for another",
    }  # fmt: skip
    response = render(request, "identity/message.html", context, status=fault.status)
    if isinstance(fault, RateLimitExceeded):
        response["Retry-After"] = str(fault.retry_after_seconds)
    return response
