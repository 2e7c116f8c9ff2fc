"""Paths under `/v1`; those of the pages are in `page_urls`."""

from __future__ import annotations

from django.urls import path

from dashboard.views.api import DashboardViewSet

urlpatterns = [path("dashboard", DashboardViewSet.as_view({"get": "retrieve"}))]
