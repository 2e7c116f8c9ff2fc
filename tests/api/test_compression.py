"""gzip, for callers that take it; and the header that says whether to try again."""

from __future__ import annotations

import gzip

from bigledger import exact_json
from tests.conftest import Caller

SHOP = {"code": "1999", "name": "The till of the shop", "type": "asset", "subtype": "current_asset"}


def test_json_is_compressed_for_those_who_take_it(acme: Caller) -> None:
    acme.post("/v1/accounts", SHOP)
    plain = acme.get("/v1/accounts")
    packed = acme.request("GET", "/v1/accounts", accept_encoding="gzip")

    assert packed.response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.response["Vary"]
    assert "Content-Encoding" not in plain.response
    assert exact_json.decode(gzip.decompress(packed.raw)) == plain.body


def test_a_weak_tag_is_taken_like_the_strong_one(acme: Caller) -> None:
    acme.post("/v1/accounts", SHOP)
    packed = acme.request("GET", "/v1/accounts/acc_1999", accept_encoding="gzip")

    tag = packed.response["ETag"]
    assert tag.startswith('W/"')
    assert acme.request("GET", "/v1/accounts/acc_1999", if_none_match=tag).status == 304
    assert acme.request("PATCH", "/v1/accounts/acc_1999", {"description": "x"}, if_match=tag).status == 200


def test_an_error_says_whether_to_try_again(acme: Caller) -> None:
    refused = acme.post("/v1/accounts", {})

    assert (refused.status, refused.response["X-Should-Retry"]) == (400, "false")
