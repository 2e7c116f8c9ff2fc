"""Signing in, with a second factor where there is one; joining a tenant by invitation.

A session begins only after everything that the person needs has been shown: between password and code the
session remembers who is on the way, for ten minutes, and opens nothing.
"""

from __future__ import annotations

import time
from typing import Any

import segno
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views import View
from django.views.generic import FormView
from django_otp import login as otp_login

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.access.admin_tenant import BACK_OFFICE_ROLES
from bigledger.access.models import Authenticator, Invitation, User
from bigledger.access.services import get_or_create_user
from bigledger.errors import ApiError, AuthenticationFailed, RateLimitExceeded, ResourceNotFound
from bigledger.identity.forms import CodeForm, JoinForm, SignInForm
from bigledger.identity.services.members import accept_invitation, find_invitation
from bigledger.identity.services.sign_in import check_code, check_password, has_second_factor, signed_in

_PENDING = "pending_user"
_PENDING_SECONDS = 600
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def _next(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is here."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if here else "/admin/"


def _on(path: str, request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{path}?{urlencode({'next': _next(request)})}")


class Page(FormView):  # type: ignore[type-arg] # not generic when it runs
    """A form on a card; `action` names its button."""

    title = ""
    action = "Continue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, action=self.action, next=_next(self.request), **kwargs)

    def refuse(self, form: Any, fault: ApiError) -> HttpResponse:
        form.add_error(None, fault.message)
        response = self.render_to_response(self.get_context_data(form=form), status=fault.status)
        if isinstance(fault, RateLimitExceeded):
            response["Retry-After"] = str(fault.retry_after_seconds)
        return response


class SignInView(Page):
    template_name = "identity/form.html"
    form_class = SignInForm
    title = "Sign in to BigLedger"
    action = "Sign in"

    def form_valid(self, form: SignInForm) -> HttpResponse:
        try:
            user = check_password(self.request, **form.cleaned_data)
        except (AuthenticationFailed, RateLimitExceeded) as fault:
            return self.refuse(form, fault)
        if has_second_factor(user):
            return self._pend(user, "/sign-in/code")
        if user.is_staff and settings.REQUIRE_SECOND_FACTOR:
            return self._pend(user, "/sign-in/second-factor")
        signed_in(self.request, form.cleaned_data["email"])
        login(self.request, user, _BACKEND)
        return HttpResponseRedirect(_next(self.request))

    def _pend(self, user: User, path: str) -> HttpResponse:
        self.request.session[_PENDING] = [str(user.pk), time.time()]
        return _on(path, self.request)


class SecondFactor(Page):
    """What comes after the password; whoever did not give one is sent back to it."""

    form_class = CodeForm
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user_id, since = request.session.get(_PENDING, (None, 0.0))
        fresh = time.time() - since < _PENDING_SECONDS
        found = User.objects.filter(pk=user_id, is_active=True).first() if user_id and fresh else None
        if found is None and isinstance(request.user, User):
            found = request.user
        if found is None:
            return _on("/sign-in", request)
        self.user = found
        return super().dispatch(request, *args, **kwargs)

    def enter(self, device: Any) -> HttpResponse:
        self.request.session.pop(_PENDING, None)
        signed_in(self.request, self.user.email)
        login(self.request, self.user, _BACKEND)
        otp_login(self.request, device)
        return HttpResponseRedirect(_next(self.request))

    def check(self, code: str) -> Any:
        """The device that `code` came from, or None. Raises RateLimitExceeded."""
        return check_code(self.user, code)


class CodeView(SecondFactor):
    template_name = "identity/form.html"
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
    """Ties an authenticator application to a person who has none."""

    template_name = "identity/enrol.html"
    title = "Set up your second factor"
    action = "Confirm"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _on("/sign-in/code", request) if has_second_factor(self.user) else super().get(request, *args, **kwargs)

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
        if has_second_factor(self.user):
            return _on("/sign-in/code", self.request)
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


class SignOutView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        logout(request)
        return redirect("/sign-in")


def _counted(request: HttpRequest, fault: ApiError) -> ApiError:
    """The failure, or the refusal that it was one too many."""
    try:
        limits.count_failure(address_of(request))
    except RateLimitExceeded as refusal:
        return refusal
    return fault


class InvitationView(View):
    """Joining: somebody new chooses a password, somebody known signs in first."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            limits.refuse_if_many(address_of(request))
            return super().dispatch(request, *args, **kwargs)
        except ApiError as fault:
            if isinstance(fault, ResourceNotFound):  # somebody tries links
                fault = _counted(request, fault)
            context = {"title": "This link is not valid", "message": fault.message}
            return render(request, "identity/message.html", context, status=fault.status)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = find_invitation(token)
        known = self._known(invitation)
        if known is not None and request.user != known:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        return self._page(request, invitation, None if known else JoinForm(email=invitation.email))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        invitation = find_invitation(token)
        user = self._known(invitation)
        if user is None:
            form = JoinForm(request.POST, email=invitation.email)
            if not form.is_valid():
                return self._page(request, invitation, form)
            user = get_or_create_user(email=invitation.email)
            user.name = form.cleaned_data["name"]
            user.set_password(form.cleaned_data["password"])
            user.save(update_fields=["name", "password"])
            login(request, user, _BACKEND)
        elif request.user != user:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        accept_invitation(token=token, user=user)
        context = {"title": f"Welcome to {invitation.tenant.name}", "message": f"You have joined as {invitation.role}."}
        if invitation.role in BACK_OFFICE_ROLES:
            context |= {"link": "/admin/", "link_text": "Open the back office"}
        else:
            context |= {"link": "/docs/api", "link_text": "Read about the API, through which viewers see the books"}
        return render(request, "identity/message.html", context)

    def _known(self, invitation: Invitation) -> User | None:
        """The user with this address, if they have a password."""
        user = User.objects.filter(email__iexact=invitation.email).first()
        return user if user and user.has_usable_password() else None

    def _page(self, request: HttpRequest, invitation: Invitation, form: JoinForm | None) -> HttpResponse:
        context = {
            "title": f"Join {invitation.tenant.name}",
            "intro": f"{invitation.invited_by} has invited {invitation.email} to join as {invitation.role}.",
            "action": "Join",
            "form": form,
        }
        return render(request, "identity/form.html", context, status=400 if form and form.errors else 200)


def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin has no sign-in of its own, so that the limits and the second factor always apply. People who have
    signed in and are sent here may not use the back office."""
    if not request.user.is_authenticated:
        return redirect_to_login(_next(request), settings.LOGIN_URL)
    if admin.site.has_permission(request):
        return HttpResponseRedirect(_next(request))
    context = {
        "title": "You do not have access to the back office",
        "message": f"{request.user} is not an owner, accountant or clerk of any tenant."
        " Ask an owner for one of these roles.",
        "sign_out": True,
    }
    return render(request, "identity/message.html", context, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form that was open for too long, or that another site sent."""
    context = {"title": "This page is out of date", "message": "Go back, reload it and try again."}
    return render(request, "identity/message.html", context, status=403)
