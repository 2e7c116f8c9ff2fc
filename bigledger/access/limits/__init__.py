"""Rate limits: how many requests a tenant may send an hour, a second, and at once (spec section 4).

All processes count together: in Redis when there is one, else in an unlogged table of the database. A
request that fails still counts; a request that is refused does not. Unlimited tenants cost nothing.
"""

from bigledger.access.limits.slots import Refused, Slot, is_limited, release, take
from bigledger.access.limits.unauthenticated import (
    count_card_attempt,
    count_declined_card,
    count_failure,
    count_opening,
    count_sign_in,
    count_wrong,
    forget_wrong,
    refuse_if_many,
    refuse_if_waiting,
    refuse_sign_in,
    spend_once,
)

__all__ = [
    "Refused",
    "Slot",
    "count_card_attempt",
    "count_declined_card",
    "count_failure",
    "count_opening",
    "count_sign_in",
    "count_wrong",
    "forget_wrong",
    "is_limited",
    "refuse_if_many",
    "refuse_if_waiting",
    "refuse_sign_in",
    "release",
    "spend_once",
    "take",
]
