"""Callers who have not said who they are, counted by address with django-ratelimit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django_ratelimit.core import get_usage

from bigledger.errors import Detail, RateLimitExceeded

# By address; generous for people behind one address, small for who tries passwords.
STRANGER_RATE = "300/m"
SIGN_IN_RATE = "30/m"
# By the account tried, whatever the address.
ACCOUNT_RATE = "10/5m"
# By the hosted link, whatever the address; and cards by link, and by address when they were declined.
LINK_RATE = "120/m"
CARD_RATE = "10/h"
DECLINED_RATE = "30/h"


def count_stranger(request: HttpRequest) -> None:
    """One request without a credential. Raises RateLimitExceeded."""
    _count(request, "stranger", "ip", STRANGER_RATE)


def count_sign_in(request: HttpRequest, account: str) -> None:
    """One attempt to sign in, or to get a token, as `account`. Raises RateLimitExceeded."""
    _count(request, "sign-in address", "ip", SIGN_IN_RATE)
    _count(request, "sign-in account", lambda group, _: account.casefold()[:254], ACCOUNT_RATE)


def count_opening(request: HttpRequest, link: str) -> None:
    """One look at what a link opens, of whoever holds it. Raises RateLimitExceeded."""
    count_stranger(request)
    _count(request, "link", lambda group, _: link[:64], LINK_RATE)


def count_card_attempt(request: HttpRequest, link: str) -> None:
    """One card that is about to be tried at this link. Raises RateLimitExceeded, then nothing is tried.

    By address only what was declined counts: an office pays many invoices from one.
    """
    declined = get_usage(request, group="declined cards", key="ip", rate=DECLINED_RATE, increment=False)
    if declined and declined["count"] >= declined["limit"]:
        raise _refusal(declined)
    _count(request, "cards of a link", lambda group, _: link, CARD_RATE)


def count_declined_card(request: HttpRequest) -> None:
    get_usage(request, group="declined cards", key="ip", rate=DECLINED_RATE, increment=True)


def _count(request: HttpRequest, group: str, key: object, rate: str) -> None:
    usage = get_usage(request, group=group, key=key, rate=rate, increment=True)
    if usage and usage["should_limit"]:
        raise _refusal(usage)


def _refusal(usage: dict[str, Any]) -> RateLimitExceeded:
    seconds = max(1, int(usage["time_left"]))
    detail = Detail(f"More than {usage['limit']} requests; try again in {seconds} seconds", limit="address")
    return RateLimitExceeded([detail], seconds)
