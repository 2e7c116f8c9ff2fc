"""Callers who have not said who they are, counted by address with django-ratelimit."""

from __future__ import annotations

from django.http import HttpRequest
from django_ratelimit.core import get_usage

from bigledger.errors import Detail, RateLimitExceeded

# By address; generous for people behind one address, small for who tries passwords.
STRANGER_RATE = "300/m"
SIGN_IN_RATE = "30/m"
# By the account tried, whatever the address.
ACCOUNT_RATE = "10/5m"


def count_stranger(request: HttpRequest) -> None:
    """One request without a credential. Raises RateLimitExceeded."""
    _count(request, "stranger", "ip", STRANGER_RATE)


def count_sign_in(request: HttpRequest, account: str) -> None:
    """One attempt to sign in, or to get a token, as `account`. Raises RateLimitExceeded."""
    _count(request, "sign-in address", "ip", SIGN_IN_RATE)
    _count(request, "sign-in account", lambda group, _: account.casefold()[:254], ACCOUNT_RATE)


def _count(request: HttpRequest, group: str, key: object, rate: str) -> None:
    usage = get_usage(request, group=group, key=key, rate=rate, increment=True)
    if usage and usage["should_limit"]:
        seconds = max(1, int(usage["time_left"]))
        detail = Detail(f"More than {usage['limit']} requests; try again in {seconds} seconds", limit="address")
        raise RateLimitExceeded([detail], seconds)
