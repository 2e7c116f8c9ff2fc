"""The endpoints, with and without a slash at the end: a POST must not be redirected."""

from __future__ import annotations

from django.urls import path, re_path

from bigledger.identity.oauth import views

app_name = "oauth2_provider"
urlpatterns = [
    re_path(r"^oauth/authorize/?$", views.AuthorizeView.as_view(), name="authorize"),
    re_path(r"^oauth/token/?$", views.TokenView.as_view(), name="token"),
    re_path(r"^oauth/revoke/?$", views.RevokeView.as_view(), name="revoke-token"),
    re_path(r"^oauth/introspect/?$", views.IntrospectView.as_view(), name="introspect"),
    path(
        ".well-known/oauth-authorization-server",
        views.MetadataView.as_view(),
        name="oauth-server-metadata",
    ),
]
