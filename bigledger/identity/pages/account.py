"""What people see and change of their own sign-in: passkeys, recovery codes, sessions, password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django_otp import login as otp_login

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.access.models import Authenticator, Passkey, RecoveryCodes, User
from bigledger.access.session_store import is_fresh, name_of, sessions_of
from bigledger.errors import ApiError, AuthenticationFailed, RateLimitExceeded, ValidationFailed
from bigledger.identity.browsers import browser_of
from bigledger.identity.forms import NewPasskeyForm, OwnPasswordForm
from bigledger.identity.pages.page import Page, begin_session, next_of
from bigledger.identity.services import own_account, passkeys
from bigledger.identity.services.sign_in import check_password, has_second_factor


class Own:
    """For people who have signed in with all that they have. A change of what they sign in with needs a sign-in within
    the last quarter of an hour, so that a browser left open hands nobody the account."""

    request: HttpRequest
    user: User
    needs_fresh = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return redirect_to_login(reverse("account"))
        if has_second_factor(request.user) and not request.user.is_verified():  # type: ignore[attr-defined]
            return redirect_to_login(reverse("account"), reverse("second-factor"), "next")
        if self.needs_fresh and not is_fresh(request):
            return redirect_to_login(reverse("account"))
        self.user = request.user
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc,no-any-return] # a View follows
        except ApiError as fault:
            messages.error(request, fault.message)
            return redirect("account")


class AccountView(Own, View):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        here = request.session.session_key or ""
        codes = RecoveryCodes.objects.filter(user=self.user).first()
        context = {
            "title": "Your account",
            "person": self.user,
            "authenticator": Authenticator.objects.filter(user=self.user, confirmed=True).first(),
            "passkeys": Passkey.objects.filter(user=self.user).order_by("created_at", "id"),
            "codes_left": len(codes.digests) if codes else 0,
            "has_factor": has_second_factor(self.user),
            "sessions": [
                {"name": name_of(one.session_key), "browser": browser_of(one.user_agent), "address": one.address,
                 "signed_in_at": one.signed_in_at, "seen_at": one.seen_at, "is_here": one.session_key == here}
                for one in sessions_of(self.user)
            ],
        }  # fmt: skip
        return _unkept(render(request, "identity/account.html", context))


class NewPasskeyView(Own, Page):
    """The browser makes the passkey, the form brings it."""

    needs_fresh = True
    template_name = "identity/passkey.html"
    form_class = NewPasskeyForm
    title = "Add a passkey"
    action = "Add a passkey"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options, state = passkeys.creation_options(self.user)
        return super().get_context_data(options=json.dumps(options, default=dict), state=state, **kwargs)

    def form_valid(self, form: NewPasskeyForm) -> HttpResponse:
        try:
            made = passkeys.add_passkey(user=self.user, **form.cleaned_data)
        except ValidationFailed as fault:
            return self.refuse(form, ValidationFailed(fault.details[0].message))
        otp_login(self.request, made)  # it was shown just now
        messages.success(self.request, f"The passkey {made.name} is added.")
        return redirect("account")


class _Change(Own, View):
    """A button of the page."""

    http_method_names = ["post"]
    needs_fresh = True
    done = ""

    def post(self, request: HttpRequest, **given: Any) -> HttpResponse:
        self.change(given)
        messages.success(request, self.done)
        return redirect("account")

    def change(self, given: Mapping[str, Any]) -> None:
        """`given` are the parts of the path. Raises ApiError."""
        raise TypeError(f"{type(self).__name__} does not say what it changes")


class RemovePasskeyView(_Change):
    done = "The passkey is removed."

    def change(self, given: Mapping[str, Any]) -> None:
        own_account.remove_passkey(user=self.user, pk=given["pk"])


class RemoveAuthenticatorView(_Change):
    done = "The authenticator is removed."

    def change(self, given: Mapping[str, Any]) -> None:
        own_account.remove_authenticator(user=self.user)


class EndSessionView(_Change):
    """Ending a session needs no fresh sign-in: it takes access away and gives none."""

    needs_fresh = False
    done = "That browser is signed out."

    def change(self, given: Mapping[str, Any]) -> None:
        own_account.end_session(user=self.user, name=given["name"])


class EndOtherSessionsView(_Change):
    needs_fresh = False
    done = "All other browsers are signed out."

    def change(self, given: Mapping[str, Any]) -> None:
        own_account.end_other_sessions(user=self.user, but=self.request.session.session_key or "")


class RecoveryCodesView(Own, View):
    """New codes, in this answer only."""

    http_method_names = ["post"]
    needs_fresh = True

    def post(self, request: HttpRequest) -> HttpResponse:
        if not has_second_factor(self.user):
            messages.error(request, "Set up an authenticator or add a passkey first.")
            return redirect("account")
        context = {"title": "Your recovery codes", "codes": own_account.renew_recovery_codes(user=self.user)}
        return _unkept(render(request, "identity/codes.html", context))


class PasswordView(Own, Page):
    """A new password, for whoever knows the present one; all other sessions end."""

    template_name = "identity/form.html"
    form_class = OwnPasswordForm
    title = "Change your password"
    action = "Change password"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        try:
            check_password(self.request, email=self.user.email, password=form.cleaned_data["current"])
        except (AuthenticationFailed, RateLimitExceeded) as fault:
            return self.refuse(form, fault)
        password = form.cleaned_data["password"]
        own_account.set_password(user=self.user, password=password, but=self.request.session.session_key or "")
        update_session_auth_hash(self.request, self.user)
        messages.success(self.request, "Your password is changed. All other browsers are signed out.")
        return redirect("account")


class PasskeySignInView(View):
    """Signing in with a passkey alone: it asks for a finger, a face or a PIN, so it is two factors."""

    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest) -> HttpResponse:
        options, state = passkeys.request_options()
        body = json.dumps({"options": options, "state": state}, default=dict)
        return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})

    def post(self, request: HttpRequest) -> HttpResponse:
        address = address_of(request)
        try:
            limits.refuse_if_many(address)
            passkey = passkeys.check_passkey(
                state=request.POST.get("state", ""), credential=request.POST.get("credential", "")
            )
        except AuthenticationFailed as fault:
            return _refused(request, _counted(address, fault))
        except RateLimitExceeded as fault:
            return _refused(request, fault)
        begin_session(request, passkey.user, passkey)
        return HttpResponseRedirect(next_of(request))


def _unkept(response: HttpResponse) -> HttpResponse:
    """No browser keeps it for whoever comes next."""
    response["Cache-Control"] = "no-store"
    return response


def _counted(address: str, fault: ApiError) -> ApiError:
    try:
        limits.count_failure(address)
    except RateLimitExceeded as refusal:
        return refusal
    return fault


def _refused(request: HttpRequest, fault: ApiError) -> HttpResponse:
    context = {"title": "You are not signed in", "message": fault.message, "link": "/sign-in", "link_text": "Try again"}
    response = render(request, "identity/message.html", context, status=fault.status)
    if isinstance(fault, RateLimitExceeded):
        response["Retry-After"] = str(fault.retry_after_seconds)
    return response
