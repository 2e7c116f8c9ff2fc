"""Who is calling, when proxies stand between: `TRUSTED_PROXIES` are believed, and nobody else.

A trusted proxy appends the address that it saw to `X-Forwarded-For` and sets `X-Forwarded-Proto`. Read from the right,
the first address that is no trusted proxy's is the caller's; what stands left of it anybody may have written.
"""

from __future__ import annotations

import ipaddress
from typing import Any, TypeAlias

from django.conf import settings

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_MOST_HOPS = 32


def is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in settings.TRUSTED_PROXIES)


def caller(peer: str, forwarded_for: str) -> str:
    """The address that counts. `forwarded_for` is the header, several of them joined by commas."""
    if not is_trusted(peer):
        return peer
    found = peer
    for hop in reversed(forwarded_for.split(",")[-_MOST_HOPS:]):
        parsed = _parsed(_without_port(hop.strip()))
        if parsed is None:
            break
        found = str(parsed)
        if not is_trusted(found):
            break
    return found


def scheme(peer: str, own: str, forwarded_proto: str) -> str:
    """`http` or `https`: of the nearest proxy's last word when it is trusted."""
    said = forwarded_proto.rpartition(",")[2].strip().lower()
    return said if said in ("http", "https") and is_trusted(peer) else own


def apply(environ: dict[str, Any]) -> None:
    """The caller's address and scheme in place of the proxy's. The headers are gone then: believed once is enough."""
    peer = environ.get("REMOTE_ADDR", "")
    forwarded_for = environ.pop("HTTP_X_FORWARDED_FOR", "")
    forwarded_proto = environ.pop("HTTP_X_FORWARDED_PROTO", "")
    environ["bigledger.peer"] = peer
    environ["bigledger.through_proxy"] = bool(forwarded_proto)
    environ["wsgi.url_scheme"] = scheme(peer, environ["wsgi.url_scheme"], forwarded_proto)
    environ["REMOTE_ADDR"] = caller(peer, forwarded_for)


def is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _parsed(address: str) -> Address | None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _without_port(hop: str) -> str:
    """Some proxies write `192.0.2.1:5000` or `[2001:db8::1]:5000`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
