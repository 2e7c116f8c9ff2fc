"""Rate limits: how many requests a tenant may send an hour, a second, and at once (spec section 4).

All processes count together: in Redis when there is one, else in an unlogged table of the database. A
request that fails still counts; a request that is refused does not. Unlimited tenants cost nothing.
"""

from bigledger.access.limits.slots import Refused, Slot, release, take
from bigledger.access.limits.strangers import (
    count_card_attempt,
    count_declined_card,
    count_opening,
    count_sign_in,
    count_stranger,
)

__all__ = [
    "Refused",
    "Slot",
    "count_card_attempt",
    "count_declined_card",
    "count_opening",
    "count_sign_in",
    "count_stranger",
    "release",
    "take",
]
