"""Pages for people, and the OAuth endpoints."""

from __future__ import annotations

from django.urls import include, path

from bigledger.identity import pages

urlpatterns = [
    path("", include("bigledger.identity.oauth.urls")),
    path("sign-in", pages.SignInView.as_view(), name="sign-in"),
    path("sign-in/code", pages.CodeView.as_view(), name="sign-in-code"),
    path("sign-in/second-factor", pages.EnrolView.as_view(), name="second-factor"),
    path("sign-out", pages.SignOutView.as_view(), name="sign-out"),
    path("invitations/<str:token>", pages.InvitationView.as_view(), name="invitation"),
    path("admin/login/", pages.admin_login),
]
