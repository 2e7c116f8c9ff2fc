"""Pages for people, and the OAuth endpoints."""

from __future__ import annotations

from django.urls import include, path

from bigledger.identity.pages import account, invitation, reset, second_factor, sign_in

urlpatterns = [
    path("", include("bigledger.identity.oauth.urls")),
    path("sign-in", sign_in.SignInView.as_view(), name="sign-in"),
    path("sign-in/code", second_factor.CodeView.as_view(), name="sign-in-code"),
    path("sign-in/second-factor", second_factor.EnrolView.as_view(), name="second-factor"),
    path("sign-in/passkey", account.PasskeySignInView.as_view(), name="passkey-sign-in"),
    path("sign-in/forgotten", reset.ForgottenView.as_view(), name="forgotten"),
    path("sign-in/reset/<str:user_id>/<str:token>", reset.ResetView.as_view(), name="reset"),
    path("account", account.AccountView.as_view(), name="account"),
    path("account/password", account.PasswordView.as_view(), name="account-password"),
    path("account/passkey", account.NewPasskeyView.as_view(), name="account-passkey"),
    path("account/passkeys/<int:pk>/remove", account.RemovePasskeyView.as_view(), name="account-passkey-remove"),
    path(
        "account/authenticator/remove", account.RemoveAuthenticatorView.as_view(), name="account-authenticator-remove"
    ),
    path("account/recovery-codes", account.RecoveryCodesView.as_view(), name="account-codes"),
    path("account/sessions/end", account.EndOtherSessionsView.as_view(), name="account-sessions-end"),
    path("account/sessions/<str:name>/end", account.EndSessionView.as_view(), name="account-session-end"),
    path("sign-out", sign_in.SignOutView.as_view(), name="sign-out"),
    path("invitations/<str:token>", invitation.InvitationView.as_view(), name="invitation"),
    path("admin/login/", sign_in.admin_login),
]
