"""What the pages of signing in share: a form on a card, and where the person goes next."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.generic import FormView
from django_otp import login as otp_login

from bigledger.access.models import User
from bigledger.access.session_store import note_sign_in
from bigledger.errors import ApiError, RateLimitExceeded

BACKEND = "django.contrib.auth.backends.ModelBackend"


def next_of(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is here."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if here else "/admin/"


def redirect_with_next(path: str, request: HttpRequest) -> HttpResponseRedirect:
    """A redirect to `path` that keeps where the person wanted to go."""
    return HttpResponseRedirect(f"{path}?{urlencode({'next': next_of(request)})}")


def begin_session(request: HttpRequest, user: User, device: Any = None) -> None:
    """Everything that was needed has been shown. `device` is the second factor that was used."""
    login(request, user, BACKEND)
    if device is not None:
        otp_login(request, device)
    note_sign_in(request)


class Page(FormView):  # type: ignore[type-arg] # not generic when it runs
    """A form on a card; `action` names its button."""

    title = ""
    action = "Continue"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=self.title, action=self.action, next=next_of(self.request), **kwargs)

    def refuse(self, form: Any, fault: ApiError) -> HttpResponse:
        form.add_error(None, fault.message)
        response = self.render_to_response(self.get_context_data(form=form), status=fault.status)
        if isinstance(fault, RateLimitExceeded):
            response["Retry-After"] = str(fault.retry_after_seconds)
        return response
