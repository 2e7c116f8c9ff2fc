"""Limits for unauthenticated callers: failures are counted by address, and attempts on one account get slower.

Successful attempts are not counted, so that many people can share an address. A valid credential is never refused
because of other callers at its address: failures of credentials in a header are counted after they have failed. Only
passwords, which are expensive to check, are refused before they are checked, after too many wrong ones.
"""

from __future__ import annotations

import hashlib
import math
import time
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django_ratelimit.core import get_usage

from bigledger.errors import Detail, RateLimitExceeded

# By address: generous for many people behind one address, small for somebody who tries passwords.
FAILURE_RATE = "300/m"
SIGN_IN_RATE = "30/m"
# Openings and cards are limited by hosted link, whatever the address; declined cards also by address.
OPENING_RATE = "300/m"
LINK_RATE = "120/m"
CARD_RATE = "10/h"
DECLINED_RATE = "30/h"
# The number of wrong attempts before the first wait, and the longest wait; the wait doubles each time.
FREE_TRIES = 5
MOST_SECONDS = 300
_WRONG_SECONDS = 900


def refuse_if_many(address: str) -> None:
    """Raises RateLimitExceeded for an address that failed too often in this minute."""
    _refuse_if_many("failure", address, FAILURE_RATE)


def count_failure(address: str) -> None:
    """Counts a request that failed because it had no valid credential. Raises RateLimitExceeded when there are too
    many."""
    usage = _usage("failure", address, FAILURE_RATE, increment=True)
    if usage and usage["should_limit"]:
        raise _refusal(f"More than {usage['limit']} failed requests", usage["time_left"])


def refuse_sign_in(account: str, address: str) -> None:
    """Call this before a password is checked. Raises RateLimitExceeded for an address with too many wrong passwords,
    for any account, and for one that has to wait before it tries this account again."""
    _refuse_if_many("sign-in", address, SIGN_IN_RATE)
    refuse_if_waiting(account, address)


def count_sign_in(account: str, address: str) -> None:
    """Counts a wrong password, or a wrong code after it."""
    _usage("sign-in", address, SIGN_IN_RATE, increment=True)
    count_wrong(account, address)


def count_opening(address: str, link: str) -> None:
    """Counts one opening of a hosted link, by address and by link. Raises RateLimitExceeded."""
    _count("opening", address, OPENING_RATE)
    _count("link", link[:64], LINK_RATE)


def count_card_attempt(address: str, link: str) -> None:
    """Counts a card that is about to be tried at this link. Raises RateLimitExceeded, and then the card must not be
    tried.

    By address only declined cards count, because an office pays many invoices from one address.
    """
    _refuse_if_many("declined cards", address, DECLINED_RATE)
    _count("cards of a link", link[:64], CARD_RATE)


def count_declined_card(address: str) -> None:
    _usage("declined cards", address, DECLINED_RATE, increment=True)


def _count(group: str, key: str, rate: str) -> None:
    usage = _usage(group, key, rate, increment=True)
    if usage and usage["should_limit"]:
        raise _refusal(f"More than {usage['limit']} requests", usage["time_left"])


def refuse_if_waiting(account: str, address: str = "") -> None:
    """Raises RateLimitExceeded until the wait that `count_wrong` began is over."""
    until = _cache().get(_key("wait", account, address))
    if until and (seconds := int(until) - time.time()) > 0:
        raise _refusal("Too many failed attempts", seconds)


def count_wrong(account: str, address: str = "") -> None:
    """Counts a wrong attempt at an account from an address; without an address, from all addresses together."""
    key = _key("wrong", account, address)
    cache = _cache()
    try:
        wrong = 1 if cache.add(key, 1, _WRONG_SECONDS) else cache.incr(key)
    except ValueError:  # it expired in between, or Redis is unavailable
        return
    if wrong is not None and wrong >= FREE_TRIES:
        seconds = min(2 ** (wrong - FREE_TRIES + 1), MOST_SECONDS)
        cache.add(_key("wait", account, address), int(time.time()) + seconds, seconds)


def forget_wrong(account: str, address: str = "") -> None:
    """Resets the count after a correct attempt."""
    _cache().delete(_key("wrong", account, address))


def spend_once(what: str, *, seconds: int) -> bool:
    """False if `what` was spent already in the last `seconds`. This is stored outside every transaction."""
    return bool(_cache().add(_key("spent", what, ""), 1, seconds))


def _cache() -> Any:
    return caches[settings.RATELIMIT_USE_CACHE]


def _key(kind: str, account: str, address: str) -> str:
    folded = account.casefold().encode()
    return f"{kind}:{hashlib.sha256(folded).hexdigest()}:{address}"


def _refuse_if_many(group: str, address: str, rate: str) -> None:
    usage = _usage(group, address, rate, increment=False)
    if usage and usage["count"] >= usage["limit"]:
        raise _refusal(f"More than {usage['limit']} failed requests", usage["time_left"])


def _usage(group: str, address: str, rate: str, *, increment: bool) -> Any:
    return get_usage(None, group=group, key=lambda *_: address, rate=rate, increment=increment)


def _refusal(why: str, time_left: float) -> RateLimitExceeded:
    seconds = max(1, math.ceil(time_left))
    return RateLimitExceeded([Detail(f"{why}; try again in {seconds} seconds", limit="address")], seconds)
