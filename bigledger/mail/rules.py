"""The business rule of mail."""

from bigledger.rules import register

MAIL_LIMIT_REACHED = register(
    "mail_limit_reached",
    "The plan {plan} sends mail to at most {most:,} recipients a day; {used:,} are used and this request needs"
    " {wanted:,}. Mails can be sent again from {opens:%Y-%m-%dT%H:%M:%SZ}.",
    "Write to fewer recipients, wait for the next day (UTC), or change to a larger plan.",
)
