"""Which addresses webhooks may go to: public ones, and with a setting also this machine's own network.

A name is judged by the addresses it has at the moment of connecting, and the connection goes to the address
that was judged, so that a name which answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_URL_LENGTH = 2000
# Addresses that carry an IPv4 address inside: translated (RFC 6052, RFC 8215), tunnelled (6to4, Teredo).
_TRANSLATED = [ipaddress.IPv6Network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


def is_public(address: Address) -> bool:
    """True for what everybody on the internet can reach by this address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def is_allowed(address: str) -> bool:
    """`address` as a resolver gives it, perhaps with a zone (`fe80::1%eth0`)."""
    return settings.WEBHOOKS_ALLOW_PRIVATE or is_public(ipaddress.ip_address(address.partition("%")[0]))


def check_url(url: str) -> SplitResult:
    """The parts of a URL that webhooks may be registered for. Raises ValueError with what is wrong.

    Refuses a literal address that is not public right away; names are judged when they are connected to.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("Must be a URL.") from None
    schemes = ("https", "http") if settings.IS_SANDBOX else ("https",)
    if parts.scheme not in schemes or not host:
        raise ValueError(f"Must be a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if any(ord(character) <= 32 or ord(character) >= 127 for character in url) or "\\" in url:
        raise ValueError("Must be a URL without blanks and without characters outside ASCII.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Must not hold a user or password.")
    if parts.fragment:
        raise ValueError("Must not hold a fragment.")
    if port == 0:
        raise ValueError("Must not name port 0.")
    if (literal := _literal(host)) and not is_allowed(literal):
        raise ValueError("Must not be a private, loopback, link-local or reserved address.")
    return parts


def _literal(host: str) -> str | None:
    """The address that `host` is. Raises ValueError for one in a form that only old resolvers know
    (`2130706433`, `0x7f.1`), which nobody writes who means well."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        with suppress(OSError):
            socket.inet_aton(host)
            raise ValueError("Must not be an address in an unusual form.") from None
        return None
