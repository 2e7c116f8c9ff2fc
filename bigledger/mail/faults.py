"""What kept a mail from leaving, in words that may be shown: never an exception's own text, which may hold secrets."""

from __future__ import annotations

import re
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

_LENGTH = 300
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


class TookTooLong(BaseException):
    """The time of one mail is over. Not an Exception, so that no library takes it for one of its own."""


def words(fault: BaseException, *, was_sending: bool) -> str:
    """One line of at most 300 characters."""
    if isinstance(fault, TookTooLong):
        return "The mail took too long and was interrupted."
    if isinstance(fault, SMTPRecipientsRefused):
        return refusals(fault.recipients)
    if isinstance(fault, SMTPDataError):
        return _cut(f"The mail server refused the mail: {_reply(fault.smtp_code, fault.smtp_error)}")
    if isinstance(fault, SMTPResponseException):
        return _cut(f"The mail server refused the sender: code {fault.smtp_code}")
    if was_sending and isinstance(fault, OSError | SMTPException):
        return "The mail server could not be reached."
    return "The mail could not be sent." if was_sending else "The mail could not be created."


def refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    said = "; ".join(f"{address}: {_reply(code, text)}" for address, (code, text) in refused.items())
    return _cut(f"The mail server refused {said}")


def is_permanent(fault: BaseException) -> bool:
    """Whether the server will say the same again: 5xx to every recipient, or to the mail itself."""
    if isinstance(fault, SMTPRecipientsRefused):
        return bool(fault.recipients) and all(500 <= code <= 599 for code, _ in fault.recipients.values())
    return isinstance(fault, SMTPDataError) and 500 <= fault.smtp_code <= 599


def _reply(code: int, text: bytes | str) -> str:
    plain = text.decode(errors="replace") if isinstance(text, bytes) else text
    # A server that objects to a link quotes it; of an invitation that is the way in.
    return f"{code} {' '.join(_LINK.sub('…', plain).split())}"


def _cut(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return printable if len(printable) <= _LENGTH else f"{printable[: _LENGTH - 1]}…"
