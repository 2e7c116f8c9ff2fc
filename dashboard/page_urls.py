"""Pages beside the API."""

from __future__ import annotations

from django.urls import path

from dashboard.views import pages

urlpatterns = [
    path("dashboard", pages.page, name="dashboard"),
    path("dashboard/tenant", pages.choose, name="dashboard-tenant"),
    path("dashboard/token", pages.token, name="dashboard-token"),
    path("kiosk/<str:token>", pages.kiosk, name="kiosk"),
]
