"""The cases of `cases.yaml` as JSON: fractions keep their digits as `{"$decimal": "0.10"}`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml


class _Exact(yaml.SafeLoader):
    pass


_Exact.add_constructor("tag:yaml.org,2002:float", lambda loader, node: {"$decimal": loader.construct_scalar(node)})


def cases() -> list[dict[str, Any]]:
    text = (Path(__file__).parent / "cases.yaml").read_text()
    found: list[dict[str, Any]] = yaml.load(text, Loader=_Exact)  # noqa: S506 - a SafeLoader
    return found


def as_json(run: str) -> str:
    return json.dumps({"run": run, "cases": cases()})
