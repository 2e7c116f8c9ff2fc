"""Makes the calls of the conformance suite with the Python SDK: cases as JSON in, outcomes as JSON out.

python run_python.py sync|async < cases.json
"""

from __future__ import annotations

import asyncio
import datetime
import json
import sys
from decimal import Decimal
from typing import Any

from bigledger import AsyncBigLedger, BigLedger, BigLedgerError


def revived(value: Any, saved: dict[str, Any]) -> Any:
    """Numbers with all their digits, and what earlier answers said."""
    if isinstance(value, dict):
        if "$decimal" in value:
            return Decimal(value["$decimal"])
        return {name: revived(inner, saved) for name, inner in value.items()}
    if isinstance(value, list):
        return [revived(inner, saved) for inner in value]
    if isinstance(value, str) and "$" in value:
        if value.startswith("$"):
            name, _, field = value[1:].partition(".")
            return saved[name][field] if field else saved[name]
        return value.replace("$run", saved["run"])
    return value


def problem(expected: Any, found: Any, place: str = "") -> str:
    """Where what was found is not what is expected; empty for nowhere."""
    if isinstance(expected, dict) and "$decimal" in expected:
        exact = isinstance(found, Decimal) and str(found) == expected["$decimal"]
        return "" if exact else f"{place}: {found!r} is not exactly {expected['$decimal']}"
    if isinstance(expected, dict) and isinstance(found, list):
        return of_list(expected, found)
    if isinstance(expected, dict):
        lost = [name for name in expected if name not in found]
        inner = (problem(value, found[name], f"{place}.{name}") for name, value in expected.items() if name not in lost)
        return f"{place}: no {lost}" if lost else next(filter(None, inner), "")
    if isinstance(expected, int) and isinstance(found, Decimal):
        return "" if str(found) == str(expected) else f"{place}: {found} is not {expected}"
    if isinstance(found, datetime.date):
        found = found.isoformat()
    return "" if expected == found else f"{place}: {found!r} is not {expected!r}"


def of_list(expected: dict[str, Any], found: list[Any]) -> str:
    if "count" in expected and len(found) != expected["count"]:
        return f"{len(found)} objects"
    if "distinct" in expected and len({one[expected["distinct"]] for one in found}) != len(found):
        return "an object comes twice"
    if "some" in expected and all(problem(expected["some"], one) for one in found):
        return "none is as expected"
    return next(filter(None, (problem(expected.get("all", {}), one) for one in found)), "") or (
        "" if found else "empty"
    )


def of_error(expected: dict[str, Any], error: BigLedgerError) -> str:
    if (error.status, error.code) != (expected["status"], expected["code"]):
        return f"{error.status} {error}"
    if not error.request_id.startswith("req_"):
        return "no request id"
    fields = [detail.get("field") for detail in error.details]
    if "fields" in expected and sorted(fields) != sorted(expected["fields"]):
        return f"fields {fields}"
    if "rule" in expected and expected["rule"] not in [detail.get("rule") for detail in error.details]:
        return f"details {error.details}"
    return ""


async def outcome(client: Any, case: dict[str, Any], saved: dict[str, Any], *, is_async: bool) -> str:
    resource, _, method = case["call"].partition(".")
    given = {**revived(case.get("body", {}), saved), **revived(case.get("query", {}), saved)}
    at, options = revived(case.get("at", []), saved), revived(case.get("options", {}), saved)
    try:
        name = "request" if "options" in given else "options"  # as the method has it
        answer = getattr(getattr(client, resource), method)(*at, **{name: options}, **given)
        if case.get("pages"):
            answer = [one async for one in answer] if is_async else list(answer)
        elif is_async:
            answer = await answer
    except BigLedgerError as error:
        return of_error(case["error"], error) if "error" in case else str(error)
    if "error" in case:
        return "it was not refused"
    if "save" in case:
        saved[case["save"]] = answer
    if case.get("pages"):
        return of_list(case["expect"], answer)
    if "begins" in case["expect"]:
        return "" if answer.startswith(case["expect"]["begins"].encode()) else f"begins {answer[:20]!r}"
    expected = {
        name: revived(value, saved) if isinstance(value, str) else value for name, value in case["expect"].items()
    }
    return problem(expected, answer)


async def main(kind: str) -> None:
    given = json.load(sys.stdin)
    is_async = kind == "async"
    client: Any = AsyncBigLedger(max_retries=5) if is_async else BigLedger(max_retries=5)
    saved: dict[str, Any] = {"run": given["run"]}
    outcomes = {}
    for case in given["cases"]:
        try:
            outcomes[case["name"]] = await outcome(client, case, saved, is_async=is_async)
        except Exception as fault:  # noqa: BLE001 - a fault of one case is its outcome
            outcomes[case["name"]] = f"{type(fault).__name__}: {fault}"
    closing = client.close()
    if closing is not None:
        await closing
    json.dump(outcomes, sys.stdout)


asyncio.run(main(sys.argv[1]))
