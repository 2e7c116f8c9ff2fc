"""The event of a mail that cannot be delivered, and the actor that records it."""

from bigledger.access.actors import register_actor
from bigledger.events.registry import register

MAIL_FAILED = register("mail.failed", "mail", "A mail could not be delivered and is not tried again")

DELIVERY = register_actor("system:mail", "The job that delivers mails")
