"""The admin's registry, which accepts only our own pages.

A third-party app registers its pages when it is imported, with an admin that ignores tenants and bypasses the
services. So the registry decides, rather than a list of pages to remove: only a `TenantAdmin` gets a page, and the
refused ones are recorded for a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.module_loading import import_string
from unfold.sites import UnfoldAdminSite

from bigledger.access import sign_ins
from bigledger.access.admin_tenant import TenantAdmin, acting

# Django's own pages that ask about any object of any model by its number (`r/`), outside of every page's rules.
_LEFT_OUT = {"view_on_site"}
_MOST_RESULTS = 100


class BackOfficeSite(UnfoldAdminSite):
    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.refused: dict[type[Model], str] = {}

    def register(
        self, model_or_iterable: type[Model] | Iterable[type[Model]], admin_class: Any = None, **options: Any
    ) -> None:
        if admin_class is not None and issubclass(admin_class, TenantAdmin):
            super().register(model_or_iterable, admin_class, **options)
            return
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        module = admin_class.__module__ if admin_class else ""
        self.refused |= dict.fromkeys(models, module)

    def has_permission(self, request: HttpRequest) -> bool:
        """Members whose role works in the back office, and the deployment's own staff."""
        user: Any = request.user
        return bool(user.is_active and (user.is_staff or acting(request) is not None))

    def get_urls(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) not in _LEFT_OUT]

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if request.method == "POST":
            sign_ins.end_of_session(request.session)
        return super().logout(request, extra_context)

    def search(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Pages by their names, and rows of the chosen tenant. Nothing is kept, as unfold would by user and term: the
        same person works in several tenants. There is only a first page."""
        term = request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        results = self._search_apps(self.get_app_list(request), term.lower()) if term else []
        if term and "extended" in request.GET and (callback := settings.UNFOLD["COMMAND"]["search_callback"]):
            results = [*import_string(callback)(request, term), *results]
        pages = Paginator(results[:_MOST_RESULTS], _MOST_RESULTS)
        context = {"results": pages.page(1), "page_obj": pages, "page_counter": 0, "execution_time": 0}
        template = "command_results" if "extended" in request.GET else "search_results"
        return TemplateResponse(request, f"unfold/helpers/{template}.html", context, headers={"HX-Trigger": "search"})
