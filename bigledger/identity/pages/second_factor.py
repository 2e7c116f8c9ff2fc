"""The second factor: its code after the password, and its first set-up."""

from __future__ import annotations

import time
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from bigledger.access import limits
from bigledger.access.models import Authenticator, User
from bigledger.access.session_store import is_fresh
from bigledger.errors import AuthenticationFailed, RateLimitExceeded
from bigledger.identity.forms import CodeForm
from bigledger.identity.pages.page import Page, begin_session, next_of, redirect_with_next
from bigledger.identity.pages.sign_in import PENDING_KEY, PENDING_SECONDS
from bigledger.identity.services.sign_in import check_code, has_second_factor, signed_in


class SecondFactor(Page):
    """What comes after the password; whoever did not give one is sent back to it."""

    form_class = CodeForm
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user_id, since = request.session.get(PENDING_KEY, (None, 0.0))
        fresh = time.time() - since < PENDING_SECONDS
        found = User.objects.filter(pk=user_id, is_active=True).first() if user_id and fresh else None
        if found is None and isinstance(request.user, User):
            found = request.user
        if found is None:
            return redirect_with_next("/sign-in", request)
        self.user = found
        return super().dispatch(request, *args, **kwargs)

    def enter(self, device: Any) -> HttpResponse:
        self.request.session.pop(PENDING_KEY, None)
        signed_in(self.request, self.user.email)
        begin_session(self.request, self.user, device)
        return HttpResponseRedirect(next_of(self.request))

    def check(self, code: str) -> Any:
        """The device that `code` came from, or None. Raises RateLimitExceeded."""
        return check_code(self.user, code)


class CodeView(SecondFactor):
    template_name = "identity/sign_in.html"
    title = "Second factor"
    action = "Sign in"

    def form_valid(self, form: CodeForm) -> HttpResponse:
        try:
            device = self.check(form.cleaned_data["code"])
        except RateLimitExceeded as fault:
            return self.refuse(form, fault)
        if device is None:
            return self.refuse(form, AuthenticationFailed("The code is wrong or has already been used"))
        return self.enter(device)


class EnrolView(SecondFactor):
    """Ties an authenticator application to a person who has none. Whoever has a passkey signs in with it first, lest a
    password alone add a way in."""

    template_name = "identity/enrol.html"
    title = "Set up your second factor"
    action = "Confirm"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return (
            redirect_with_next("/sign-in/code", request) if self.is_guarded() else super().get(request, *args, **kwargs)
        )

    def is_guarded(self) -> bool:
        """Whether there is an authenticator already, or another factor that was not shown just now."""
        if Authenticator.objects.filter(user=self.user, confirmed=True).exists():
            return True
        user: Any = self.request.user
        shown = user == self.user and user.is_verified() and is_fresh(self.request)
        return has_second_factor(self.user) and not shown

    def device(self) -> Authenticator:
        device: Authenticator
        device, _ = Authenticator.objects.get_or_create(
            user=self.user, confirmed=False, defaults={"name": "Authenticator"}
        )
        return device

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device = self.device()
        picture = segno.make(device.config_url, error="m").svg_inline(scale=5, border=2)
        return super().get_context_data(picture=picture, device=device, **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        if self.is_guarded():
            return redirect_with_next("/sign-in/code", self.request)
        device = self.device()
        enrolling = f"enrolment of {self.user.pk}"
        try:
            limits.refuse_if_waiting(enrolling)
        except RateLimitExceeded as fault:
            return self.refuse(form, fault)
        if not device.verify_token(form.cleaned_data["code"]):
            limits.count_wrong(enrolling)
            return self.refuse(form, AuthenticationFailed("The code is wrong; check the clock of your device"))
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        return self.enter(device)
