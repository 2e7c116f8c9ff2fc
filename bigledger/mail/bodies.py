"""What the API and events show of a mail."""

from __future__ import annotations

import datetime
from typing import Annotated

from msgspec import Struct

from bigledger.closed_lists import one_of

Status = Annotated[str, one_of("MailDeliveryStatus", ("queued", "sent", "failed", "cancelled"))]


class MailDeliveryBody(Struct):
    """The latest mail of a document. `status` is queued, sent, failed or cancelled; `error` is the last attempt's."""

    status: Status
    to: list[str]
    cc: list[str]
    sent_at: datetime.datetime | None
    error: str | None


class MailBody(Struct):
    """`about_id` is the object that the mail tells of."""

    id: str
    kind: str
    about_id: str
    to: list[str]
    cc: list[str]
    subject: str
    status: str
    attempts: int
    error: str | None
    created_at: datetime.datetime
    sent_at: datetime.datetime | None
