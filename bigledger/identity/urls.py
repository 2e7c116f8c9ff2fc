"""Paths under `/v1`; those of the pages are in `page_urls`."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from bigledger.identity import views

router = SimpleRouter(trailing_slash=False)
router.register("api-keys", views.ApiKeyViewSet, basename="api-key")
router.register("signing-secrets", views.SigningSecretViewSet, basename="signing-secret")
router.register("kiosk-links", views.KioskLinkViewSet, basename="kiosk-link")
router.register("oauth-applications", views.ApplicationViewSet, basename="oauth-application")
router.register("members", views.MemberViewSet, basename="member")
router.register("invitations", views.InvitationViewSet, basename="invitation")
urlpatterns = [
    *router.urls,
    path("tenant", views.TenantViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("tenant/logo", views.TenantViewSet.as_view({"get": "logo"})),
    path("auth/token", views.TokenViewSet.as_view({"post": "issue"})),
    path("auth/token/refresh", views.TokenViewSet.as_view({"post": "refresh"})),
    path("auth/revoke", views.TokenViewSet.as_view({"post": "revoke"})),
    path("auth/verify", views.TokenViewSet.as_view({"post": "verify"})),
]
