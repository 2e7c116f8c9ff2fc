"""Two at once, with connections of their own: one code, one refresh token."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections

from bigledger.access.models import AccessToken
from bigledger.tenants.context import tenant_context
from tests.access.program import Program, register
from tests.conftest import Answer, make_tenant

AT_ONCE = 4


def _at_once(program: Program, grant: dict[str, str]) -> list[Answer]:
    barrier = Barrier(AT_ONCE)

    def ask(_: int) -> Answer:
        try:
            barrier.wait(20)
            return program.token(**grant)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(AT_ONCE)))


def test_of_concurrent_exchanges_of_a_code_one_succeeds_and_the_others_revoke_its_tokens(committed: None) -> None:
    caller = make_tenant("Code-Race")
    program = register(caller)
    grant = {"grant_type": "authorization_code", "redirect_uri": "https://yourapp.com/callback"}

    answers = _at_once(program, grant | {"code": program.code()})

    assert sorted(a.status for a in answers) == [200] + [400] * (AT_ONCE - 1)
    with tenant_context(caller.tenant):
        assert AccessToken.objects.count() == 0  # a code that is used twice has been copied (RFC 6749, 4.1.2)


def test_racing_refreshes_log_nobody_out(committed: None) -> None:
    caller = make_tenant("Refresh-Race")
    program = register(caller)
    first = program.exchange(program.code()).body

    answers = _at_once(program, {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})

    assert [a.status for a in answers] == [200] * AT_ONCE
    assert len({a.body["access_token"] for a in answers}) == AT_ONCE
    for answer in answers:
        opened = caller.get("/v1/accounts", authorization=f"Bearer {answer.body['access_token']}")
        assert opened.status == 200
        assert program.refresh(answer.body["refresh_token"]).status == 200
