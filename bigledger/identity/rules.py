"""The business rules of members and their sign-in."""

from bigledger.rules import register

TOO_MANY_INVITATIONS = register(
    "too_many_invitations",
    "A tenant has at most {most} open invitations; withdraw one first.",
    "Withdraw an open invitation. An address that was invited too often can be invited again a day later.",
)
ADDRESS_INVITED_TOO_OFTEN = TOO_MANY_INVITATIONS.worded(
    "{email} was invited {times} times within a day; invite it again tomorrow."
)
OWN_ROLE = register(
    "own_role",
    "You cannot change your own role.",
    "Ask another owner to change it.",
)
LAST_OWNER = register(
    "last_owner",
    "A tenant keeps at least one owner.",
    "Make another member an owner first.",
)
_BACK_OFFICE = "The back office, when the second factor of a member is reset."
MEMBER_OF_OTHERS = register(
    "member_of_others",
    "{email} is also a member of other tenants, so only they can reset their second factor.",
    "Ask the member to reset it, or the operator of this deployment.",
    elsewhere=_BACK_OFFICE,
)
LAST_FACTOR = register(
    "last_factor",
    "This is your only second factor, and you cannot sign in without one.",
    "Set up another second factor first, then remove this one.",
    elsewhere="The page of one's own account, when an authenticator or a passkey is removed.",
)
NO_SECOND_FACTOR = register(
    "no_second_factor",
    "{email} has no second factor.",
    "Nothing needs to be done: the member signs in with the password.",
    elsewhere=_BACK_OFFICE,
)
