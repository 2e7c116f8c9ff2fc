"""The BigLedger API in Python: `BigLedger` and `AsyncBigLedger`."""

from bigledger.client import AsyncBigLedger, BigLedger
from bigledger.errors import BigLedgerError, ConnectionFailed, SignatureMismatch
from bigledger.objects import Object
from bigledger.webhooks import verify

__version__ = "1.0.2"
__all__ = [
    "AsyncBigLedger", "BigLedger", "BigLedgerError", "ConnectionFailed", "Object", "SignatureMismatch", "verify",
]  # fmt: skip
