from __future__ import annotations

from django.urls import path

from bigledger.docs import views

urlpatterns = [
    path("api", views.reference),
    path("api/errors", views.errors),
    path("api/events", views.events),
    path("api/rules", views.rules),
]
