"""What people call their browser, from the header that it sends."""

from __future__ import annotations

import re

# The first that is found: most claim to be several.
_BROWSERS = (
    ("Edge", r"Edg[A-Za-z]*/"), ("Opera", r"OPR/"), ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"), ("Chrome", r"(Chrome|CriOS|Chromium)/"), ("Safari", r"Safari/"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Android", r"Android"), ("Windows", r"Windows"), ("Mac", r"Mac OS X"),
    ("ChromeOS", r"CrOS"), ("Linux", r"Linux"),
)  # fmt: skip


def browser_of(user_agent: str) -> str:
    """`Firefox on Windows`; `A program` for what is no browser that we know."""
    browser, system = _first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent)
    if not browser:
        return "A program"
    return f"{browser} on {system}" if system else browser


def _first(kinds: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in kinds if re.search(pattern, user_agent)), "")
