"""Which addresses webhooks may go to: public ones, on one's own machine also that and its network, and what the
operator lists. Link-local addresses and those of cloud metadata are reached by no setting.

A name is judged by the addresses it has when an endpoint is made, so that a mistake is told at once, and again by
those it has at the moment of connecting; the connection goes to the address that was judged, so that a name which
answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from webhooks import address_blocks as blocks

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_URL_LENGTH = 2000
# A name that takes longer is taken as it is, and judged when it is connected to.
LOOK_UP_SECONDS = 1.0
# Below are the ports of services that would take a request for something else (SMTP, SSH).
LEAST_OPEN_PORT = 1024
WEB_PORTS = (80, 443)

_look_ups = ThreadPoolExecutor(4, thread_name_prefix="webhook-names")


def is_public(address: Address) -> bool:
    """True for what everybody on the internet can reach by this address."""
    address = blocks.unmapped(address)
    if isinstance(address, ipaddress.IPv6Address) and address not in blocks.GLOBAL_UNICAST:
        return False
    return not blocks.lies_in(address, (*blocks.SPECIAL, *blocks.NEVER))


def is_allowed(address: str) -> bool:
    """`address` as a resolver gives it, perhaps with a zone (`fe80::1%eth0`)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if blocks.is_never_reached(found):
        return False
    inner = blocks.unmapped(found)
    is_local = settings.WEBHOOKS_ALLOW_PRIVATE and blocks.lies_in(inner, blocks.LOCAL)
    return is_local or blocks.lies_in(inner, tuple(settings.WEBHOOKS_ALLOWED_NETWORKS)) or is_public(found)


def is_allowed_port(port: int) -> bool:
    return settings.WEBHOOKS_ALLOW_PRIVATE or port in WEB_PORTS or port >= LEAST_OPEN_PORT


def check_url(url: str) -> SplitResult:
    """The parts of a URL that webhooks may be registered for. Raises ValueError with what is wrong.

    Refuses at once an address that webhooks do not go to, and a name that has only such addresses now.
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
        raise ValueError("Must be a URL without spaces or non-ASCII characters.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Must not contain a user name or password.")
    if parts.fragment:
        raise ValueError("Must not contain a fragment.")
    if port == 0:
        raise ValueError("Must not use port 0.")
    if port is not None and not is_allowed_port(port):
        raise ValueError(f"Must use port 80, port 443 or a port from {LEAST_OPEN_PORT} up.")
    literal = _literal(host)
    found = [literal] if literal else _resolved(host)
    if found and not any(is_allowed(address) for address in found):
        raise ValueError("Must not be a private, loopback, link-local or reserved address.")
    return parts


def _resolved(host: str) -> list[str]:
    """What the name resolves to now; nothing when that is unknown, which says nothing against it."""
    try:
        answers = _look_ups.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM).result(LOOK_UP_SECONDS)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [str(address[4][0]) for address in answers]


def _literal(host: str) -> str | None:
    """The address, if `host` is one. Raises ValueError for a form that only old resolvers understand
    (`2130706433`, `0x7f.1`), which only attackers use."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        with suppress(OSError):
            socket.inet_aton(host)
            raise ValueError("Must be an address in its usual form.") from None
        return None
