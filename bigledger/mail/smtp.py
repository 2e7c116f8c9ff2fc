"""Django's SMTP backend, which forgets whom a server refused when it took the mail for others."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address


class SmtpBackend(EmailBackend):
    """`refused` is what the server said of each recipient that it did not take: address → (code, text)."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.refused: dict[str, tuple[int, bytes]] = {}

    def _send(self, email_message: EmailMessage) -> bool:
        if self.connection is None or not email_message.recipients():
            return False
        encoding = email_message.encoding or "utf-8"
        sender, *recipients = (
            sanitize_address(address, str(encoding))
            for address in (email_message.from_email, *email_message.recipients())
        )
        self.refused = self.connection.sendmail(sender, recipients, email_message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        return True
