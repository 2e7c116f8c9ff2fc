"""The business rules of customers."""

from bigledger.rules import register

CUSTOMER_IN_USE = register(
    "customer_in_use",
    "{name} has {uses}; make it inactive instead.",
    "Make the customer inactive, and create another customer for another currency.",
)
CURRENCY_FIXED = CUSTOMER_IN_USE.worded("{name} has {uses} in {currency}; the currency cannot change.")
CREDIT_LIMIT_EXCEEDED = register(
    "credit_limit_exceeded",
    "{name} would owe {owed} {currency}, over the credit limit of {limit}.",
    "Wait for a payment, raise `credit_limit`, or set `refuse_over_credit_limit` of the sales settings to false.",
)
