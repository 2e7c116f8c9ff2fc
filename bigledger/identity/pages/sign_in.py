"""Signing in with a password, and signing out.

A session begins only after everything that the person needs has been shown: between the password and the code, the
session holds the id of the user for ten minutes and opens nothing.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views import View

from bigledger.access import sign_ins
from bigledger.access.models import User
from bigledger.errors import AuthenticationFailed, RateLimitExceeded
from bigledger.identity.forms import SignInForm
from bigledger.identity.pages.page import Page, begin_session, next_of, redirect_with_next
from bigledger.identity.services.sign_in import check_password, has_second_factor, signed_in

PENDING_KEY = "pending_user"
PENDING_SECONDS = 600


class SignInView(Page):
    template_name = "identity/sign_in.html"
    form_class = SignInForm
    title = "Sign in to BigLedger"
    action = "Sign in"
    extra_context = {"forgotten": "/sign-in/forgotten"}

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
        begin_session(self.request, user)
        return HttpResponseRedirect(next_of(self.request))

    def _pend(self, user: User, path: str) -> HttpResponse:
        self.request.session[PENDING_KEY] = [str(user.pk), time.time()]
        return redirect_with_next(path, self.request)


class SignOutView(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        sign_ins.end_of_session(request.session)
        logout(request)
        return redirect("/sign-in")


def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin has no sign-in of its own, so that the limits and the second factor always apply. People who have
    signed in and are sent here may not use the back office."""
    if not request.user.is_authenticated:
        return redirect_to_login(next_of(request), settings.LOGIN_URL)
    if admin.site.has_permission(request):
        return HttpResponseRedirect(next_of(request))
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
