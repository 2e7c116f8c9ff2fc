"""`BigLedger` and `AsyncBigLedger`: one connection pool, one credential."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from typing import Any, Literal

import httpx

from bigledger.calls import Call, result, wait_before
from bigledger.errors import BigLedgerError, ConnectionFailed
from bigledger.resources import AsyncResources, Resources
from bigledger.webhooks import AsyncWebhooks, Webhooks

Environment = Literal["production", "staging", "sandbox"]
ADDRESSES: Mapping[str, str] = {
    "production": "https://api.bigledger.com",
    "staging": "https://api-staging.bigledger.com",
    "sandbox": "https://api-sandbox.bigledger.com",
}


class _Client:
    """What both clients share."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        environment: Environment = "production",
        base_url: str | None = None,
        timeout: float = 30.0,
        max_retries: int = 3,
        rate_limit: Literal["wait", "throw"] = "wait",
    ) -> None:
        """`BIGLEDGER_BASE_URL` overrides `base_url` and `environment`; `api_key` is `BIGLEDGER_API_KEY` by default.
        `timeout` is in seconds, for each attempt. With `rate_limit="throw"`, a 429 is raised at once."""
        key = api_key or os.environ.get("BIGLEDGER_API_KEY", "")
        if not key:
            raise ValueError("Give an api_key, or set BIGLEDGER_API_KEY")
        self.base_url = (os.environ.get("BIGLEDGER_BASE_URL") or base_url or ADDRESSES[environment]).rstrip("/")
        self.timeout, self.max_retries, self.rate_limit = timeout, max_retries, rate_limit
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": "bigledger-python/1.0.2"}

    def _request(self, client: Any, call: Call) -> Any:
        return client.build_request(
            call.method, f"{self.base_url}{call.path}", params=call.query or None, headers=self._headers | call.headers,
            content=call.content, files=call.files, data=call.form or None, timeout=call.timeout or self.timeout,
        )  # fmt: skip

    def _next(self, attempt: int, error: BigLedgerError, headers: Mapping[str, str]) -> float:
        """Seconds to wait before the next attempt. Raises the error when there is none."""
        wait = wait_before(attempt, error, headers, waits_for_limits=self.rate_limit == "wait")
        if wait is None or attempt >= self.max_retries:
            raise error
        return wait


class BigLedger(_Client, Resources):
    """The API, blocking. To be closed, or used with `with`."""

    def __init__(self, api_key: str | None = None, *, http_client: httpx.Client | None = None, **options: Any) -> None:
        super().__init__(api_key, **options)
        self._http = http_client or httpx.Client()
        self._make_resources(self)
        self.webhooks = Webhooks(self)

    def send(self, call: Call, kind: Any) -> Any:
        """Performs a call, again if need be. Raises BigLedgerError."""
        attempt = 0
        while True:
            headers: Mapping[str, str] = {}
            try:
                answer = self._http.send(self._request(self._http, call))
                headers = answer.headers
                return result(kind, answer.status_code, headers, answer.content)
            except httpx.TransportError as fault:
                error: BigLedgerError = ConnectionFailed(f"{type(fault).__name__}: {fault}")
            except BigLedgerError as refusal:
                error = refusal
            time.sleep(self._next(attempt, error, headers))
            attempt += 1

    def close(self) -> None:
        self.webhooks.close()
        self._http.close()

    def __enter__(self) -> BigLedger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncBigLedger(_Client, AsyncResources):
    """The API, to await. To be closed, or used with `async with`."""

    def __init__(
        self, api_key: str | None = None, *, http_client: httpx.AsyncClient | None = None, **options: Any
    ) -> None:
        super().__init__(api_key, **options)
        self._http = http_client or httpx.AsyncClient()
        self._make_resources(self)
        self.webhooks = AsyncWebhooks(self)

    async def send(self, call: Call, kind: Any) -> Any:
        """Performs a call, again if need be. Raises BigLedgerError."""
        attempt = 0
        while True:
            headers: Mapping[str, str] = {}
            try:
                answer = await self._http.send(self._request(self._http, call))
                headers = answer.headers
                return result(kind, answer.status_code, headers, answer.content)
            except httpx.TransportError as fault:
                error: BigLedgerError = ConnectionFailed(f"{type(fault).__name__}: {fault}")
            except BigLedgerError as refusal:
                error = refusal
            await asyncio.sleep(self._next(attempt, error, headers))
            attempt += 1

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> AsyncBigLedger:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
