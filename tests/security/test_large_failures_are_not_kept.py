"""Under an idempotency key, a failure of more than 64 KiB is not kept; a success always is."""

from __future__ import annotations

import pytest

from bigledger import errors
from tests.api.conftest import open_chart, rent
from tests.conftest import Caller


def test_a_large_failure_leaves_the_key_unused(acme: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    open_chart(acme)
    wrong = rent() | {"date": "soon"}
    assert acme.post("/v1/journal-entries", wrong, idempotency_key="small").status == 400
    assert acme.post("/v1/journal-entries", rent(), idempotency_key="small").status == 409

    monkeypatch.setattr(errors, "MAX_ERROR_BYTES", 50)
    assert acme.post("/v1/journal-entries", wrong, idempotency_key="large").status == 400
    posted = acme.post("/v1/journal-entries", rent(), idempotency_key="large")
    again = acme.post("/v1/journal-entries", rent(), idempotency_key="large")

    assert (posted.status, again.text) == (201, posted.text)
    assert again.response["Idempotent-Replayed"] == "true"
    assert acme.get("/v1/journal-entries").body["meta"]["total"] == 1
