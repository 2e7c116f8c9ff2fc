"""Blocks of addresses that are not the public internet, as vendored tables.

`SPECIAL` are all rows of IANA's registries of special-purpose addresses, as of 2025-10-09,
https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry, those called globally
reachable included: they are anycast and tunnel services, and nobody's webhook receiver. Added to them are multicast
(RFC 5771, RFC 4291), site-local addresses (RFC 3879) and, for IPv6, all that is not global unicast (RFC 4291, 2.4).
"""

from __future__ import annotations

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


SPECIAL = _networks(
    "0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/32", "192.0.0.171/32",
    "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.88.99.2/32", "192.168.0.0/16",
    "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
    "::1/128", "::/128", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
    "2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
    "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10",
)  # fmt: skip
MULTICAST = _networks("224.0.0.0/4", "ff00::/8")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

# This machine and the networks of houses (RFC 1122, RFC 1918, RFC 4193).
LOCAL = _networks("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")

# Reached by no setting. Link-local addresses, and the addresses at which clouds tell a machine its own secrets, with
# the vendor whose manual names each. Translated and tunnelled addresses hide another one.
NEVER = (
    *_networks("0.0.0.0/8", "::/128", "169.254.0.0/16", "fe80::/10", "fec0::/10", "255.255.255.255/32"),
    *MULTICAST,
    *_networks(
        "fd00:ec2::/32",  # Amazon
        "fd20:ce::/32",  # Google
        "100.100.100.200/32",  # Alibaba
        "168.63.129.16/32",  # Azure
        "192.0.0.192/32",  # Oracle
    ),
    *_networks("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"),
)
_LOOPBACK_V6 = ipaddress.IPv6Address("::1")


def unmapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 socket would reach by `::ffff:1.2.3.4`."""
    return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address


def lies_in(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def is_never_reached(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """`::1` apart, whose block of old IPv4-compatible addresses is refused."""
    address = unmapped(address)
    return address != _LOOPBACK_V6 and lies_in(address, NEVER)
