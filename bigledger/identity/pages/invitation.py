"""Joining a tenant by invitation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View

from bigledger.access import limits
from bigledger.access.address import address_of
from bigledger.access.admin_tenant import BACK_OFFICE_ROLES, SESSION_KEY
from bigledger.access.models import Invitation, User
from bigledger.access.services import get_or_create_user
from bigledger.errors import ApiError, RateLimitExceeded, ResourceNotFound
from bigledger.identity.forms import JoinForm
from bigledger.identity.mails import place_of
from bigledger.identity.pages.page import begin_session
from bigledger.identity.services.members import accept_invitation, find_invitation


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
            begin_session(request, user)
        elif request.user != user:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        accept_invitation(token=token, user=user)
        request.session[SESSION_KEY] = str(invitation.tenant.id)
        welcome, role = f"Welcome to {invitation.tenant.name}", f"You have joined as {invitation.role}."
        if invitation.role in BACK_OFFICE_ROLES:
            messages.success(request, f"{welcome}. {role}")
            return redirect("admin:index")
        context = {"title": welcome, "message": role, "link": "/dashboard", "link_text": "Open the dashboard"}
        return render(request, "identity/message.html", context)

    def _known(self, invitation: Invitation) -> User | None:
        """The user with this address, if they have a password."""
        user = User.objects.filter(email__iexact=invitation.email).first()
        return user if user and user.has_usable_password() else None

    def _page(self, request: HttpRequest, invitation: Invitation, form: JoinForm | None) -> HttpResponse:
        context = {
            "title": f"Join {invitation.tenant.name}",
            "intro": f"{invitation.invited_by} has invited {invitation.email} to join as {invitation.role}."
            f" {place_of(invitation.role)}",
            "action": "Join",
            "form": form,
        }
        return render(request, "identity/form.html", context, status=400 if form and form.errors else 200)
