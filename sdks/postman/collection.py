"""The Postman collection: the story of `story.yaml`, with the paths and descriptions of openapi.json."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
Operations = dict[str, tuple[str, str, dict[str, Any]]]


def request_of(step: dict[str, Any], operations: Operations) -> dict[str, Any]:
    method, path, one = operations[step["call"]]
    for name, value in step.get("at", {}).items():
        path = path.replace(f"{{{name}}}", value)
    query = [{"key": name, "value": value} for name, value in step.get("query", {}).items()]
    text = "&".join(f"{pair['key']}={pair['value']}" for pair in query)
    found: dict[str, Any] = {
        "method": method,
        "header": [{"key": "Content-Type", "value": "application/json"}] if "body" in step else [],
        "url": {
            "raw": f"{{{{base_url}}}}{path}{'?' if text else ''}{text}",
            "host": ["{{base_url}}"],
            "path": path.strip("/").split("/"),
            **({"query": query} if query else {}),
        },
        "description": one["description"],
    }
    if "body" in step:
        found["body"] = {"mode": "raw", "raw": json.dumps(step["body"], indent=2)}
    return found


def tests_of(step: dict[str, Any], operations: Operations) -> list[str]:
    responses = operations[step["call"]][2]["responses"]
    wanted = [int(status) for status in responses if status.startswith("2")]
    lines = [f"pm.test('it is performed', () => pm.expect(pm.response.code).to.be.oneOf({json.dumps(wanted)}));"]
    if step.get("says") or step.get("save"):
        lines.append("const answer = pm.response.json();")
    for name, value in step.get("says", {}).items():
        lines.append(f"pm.test('{name}', () => pm.expect(answer.{name}).to.eql({json.dumps(value)}));")
    for name, field in step.get("save", {}).items():
        lines.append(f"pm.collectionVariables.set('{name}', answer.{field});")
    return lines


def item_of(step: dict[str, Any], operations: Operations) -> dict[str, Any]:
    script = {"type": "text/javascript", "exec": tests_of(step, operations)}
    return {
        "name": step["name"],
        "request": request_of(step, operations),
        "event": [{"listen": "test", "script": script}],
    }


def collection(operations: Operations) -> dict[str, Any]:
    story = yaml.safe_load((HERE / "story.yaml").read_text())
    run = ["if (!pm.collectionVariables.get('run')) pm.collectionVariables.set('run', Date.now().toString(36));"]
    return {
        "info": {
            "_postman_id": str(uuid.uuid5(uuid.NAMESPACE_URL, "https://docs.bigledger.com/api/postman")),
            "name": "BigLedger API",
            "description": "A story: run it from top to bottom against a sandbox. Set `base_url` (without /v1) and `api_key`.",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{api_key}}", "type": "string"}]},
        "event": [{"listen": "prerequest", "script": {"type": "text/javascript", "exec": run}}],
        "variable": [{"key": "base_url", "value": "http://localhost:8000"}, {"key": "api_key", "value": ""}, {"key": "run", "value": ""}],
        "item": [{"name": part["chapter"], "item": [item_of(step, operations) for step in part["steps"]]} for part in story],
    }  # fmt: skip


def postman_files(document: dict[str, Any]) -> dict[str, str]:
    operations = {
        one["operationId"]: (method.upper(), path, one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    return {"postman/bigledger.postman_collection.json": json.dumps(collection(operations), indent=1) + "\n"}
