"""gzip, for callers that take it; and the header that says whether to try again."""

from __future__ import annotations

import gzip

from bigledger import exact_json
from tests.conftest import Caller


def test_json_is_compressed_for_those_who_take_it(acme: Caller) -> None:
    plain = acme.get("/v1/accounts")
    packed = acme.request("GET", "/v1/accounts", accept_encoding="gzip")

    assert packed.response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.response["Vary"]
    assert "Content-Encoding" not in plain.response
    assert exact_json.decode(gzip.decompress(packed.raw)) == plain.body


def test_a_weak_tag_is_taken_like_the_strong_one(acme: Caller) -> None:
    code = acme.get("/v1/accounts?limit=1").body["data"][0]["code"]
    packed = acme.request("GET", f"/v1/accounts/acc_{code}", accept_encoding="gzip")

    tag = packed.response["ETag"]
    assert tag.startswith('W/"')
    assert acme.request("GET", f"/v1/accounts/acc_{code}", if_none_match=tag).status == 304
    assert acme.request("PATCH", f"/v1/accounts/acc_{code}", {"description": "x"}, if_match=tag).status == 200


def test_an_error_says_whether_to_try_again(acme: Caller) -> None:
    refused = acme.post("/v1/accounts", {})

    assert (refused.status, refused.response["X-Should-Retry"]) == (400, "false")
