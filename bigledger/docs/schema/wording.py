"""What each field of each object means, in words: `FIELDS` of `bigledger.docs.wording` and of each app's `wording`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import import_module

from bigledger.apps import business_apps
from bigledger.docs.wording import FIELDS


def wording(owner: str, name: str) -> str:
    """Of `Invoice.total`, or of every field called `total`; empty if nobody has said it."""
    known = _all()
    return (
        known.get(f"{owner}.{name}")
        or ("" if owner.endswith("Event.data") else known.get(name, ""))
        or _by_form(owner, name)
    )


@functools.cache
def _all() -> Mapping[str, str]:
    found = dict(FIELDS)
    for own in (import_module(app.wording).FIELDS for app in business_apps() if app.wording):
        if twice := found.keys() & own.keys():
            raise ValueError(f"two apps describe {sorted(twice)}; say them by `Object.name`")
        found.update(own)
    return found


def _by_form(owner: str, name: str) -> str:
    """A name that says it all: the id of another object, or the moment of what happened."""
    if owner.endswith("Event.data"):
        return f"The {name.replace('_', ' ')}"
    if name.endswith("_id"):
        return f"The id of the {name.removesuffix('_id').replace('_', ' ')}"
    if name.endswith("_at"):
        return f"When it was {name.removesuffix('_at').replace('_', ' ')}"
    return ""
