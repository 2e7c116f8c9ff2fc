"""The event of a mail that is set aside."""

from bigledger.events.registry import register

MAIL_FAILED = register("mail.failed", "mail", "A mail could not be delivered and is set aside")
