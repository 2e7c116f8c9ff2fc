"""Pages for people, and the OAuth endpoints."""

from __future__ import annotations

from django.urls import include, path

from bigledger.identity.pages import invitation, second_factor, sign_in

urlpatterns = [
    path("", include("bigledger.identity.oauth.urls")),
    path("sign-in", sign_in.SignInView.as_view(), name="sign-in"),
    path("sign-in/code", second_factor.CodeView.as_view(), name="sign-in-code"),
    path("sign-in/second-factor", second_factor.EnrolView.as_view(), name="second-factor"),
    path("sign-out", sign_in.SignOutView.as_view(), name="sign-out"),
    path("invitations/<str:token>", invitation.InvitationView.as_view(), name="invitation"),
    path("admin/login/", sign_in.admin_login),
]
