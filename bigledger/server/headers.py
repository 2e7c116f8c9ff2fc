"""The security headers of every answer, decided here and nowhere else (docs/adr/0066).

`FrontMiddleware` puts them on Django's answers, `refusals` and the sockets' `asgi.py` on those made before Django.
"""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

_YEAR_SECONDS = 365 * 24 * 3600

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
_OWN_PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


# Swagger draws its icons from data: addresses and writes style attributes; it runs no text as a program.
_REFERENCE = _OWN_PAGES.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
# Unfold's Alpine evaluates the expressions in attributes, and its theme is an inline style. No inline script.
_ADMIN = _REFERENCE.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'")
# What is posted to the consent page is answered with a redirect to the application, which form-action would stop.
CONSENT_POLICY = _OWN_PAGES.replace(" form-action 'self';", "")


def policy_with_socket(url: str) -> str:
    """For a page of ours that opens the socket at `url` (`ws://localhost:8001/v1`), which is another origin."""
    parts = urlsplit(url)
    return _OWN_PAGES.replace("connect-src 'self'", f"connect-src 'self' {parts.scheme}://{parts.netloc}")


def page_policy(path: str) -> str:
    if path.startswith("/admin/"):
        return _ADMIN
    return _REFERENCE if path == "/docs/api" else _OWN_PAGES


@cache
def of_page(policy: str) -> dict[str, str]:
    return {**of_data(), "Content-Security-Policy": policy}


@cache
def of_data() -> dict[str, str]:
    """For what is no page: JSON, files, refusals, redirects."""
    found = {**_ALWAYS, "Content-Security-Policy": DATA_POLICY}
    if not settings.IS_SANDBOX:
        found["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}; includeSubDomains"
    return found
