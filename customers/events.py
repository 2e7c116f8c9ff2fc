"""The events of customers, each with the customer's body as it was when the event occurred."""

from bigledger.events.registry import register

CUSTOMER_CREATED = register("customer.created", "customer", "New customer created")
CUSTOMER_UPDATED = register("customer.updated", "customer", "Customer details updated")
CUSTOMER_DELETED = register("customer.deleted", "customer", "Customer deleted")
CREDIT_LIMIT_EXCEEDED = register("customer.credit_limit_exceeded", "customer", "Customer exceeded credit limit")
