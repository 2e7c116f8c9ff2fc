"""An object of each kind of resource of the ledger, all of them called "secret"; the ids by resource."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.conftest import open_chart, rent
from tests.conftest import Caller
from tests.ledger.raises import LONG_AGO, exception, exchange_rate, recurring, revaluation, schedule


def one_of_each(caller: Caller) -> dict[str, str]:
    open_chart(caller)
    file = SimpleUploadedFile("secret.txt", b"secret")
    document = caller.upload("/v1/documents", {"file": file, "reference": "secret"}).body
    entry = caller.post("/v1/journal-entries", rent(reference="secret", attachments=[document["id"]])).body
    draft = caller.post("/v1/journal-entries", rent(reference="draft", status="draft")).body
    return {
        "accounts": caller.get("/v1/accounts/acc_1000").body["id"],
        "journal_entries": entry["id"],
        "documents": document["id"],
        "exchange_rates": exchange_rate(caller)["id"],
        "fx_revaluations": revaluation(caller)["id"],
        "lock_exceptions": exception(caller)["id"],
        "periods": caller.get(f"/v1/periods/{LONG_AGO}").body["id"],
        "recurring_journal_entries": recurring(caller)["id"],
        "schedules": schedule(caller)["id"],
        "draft": draft["id"],
    }
