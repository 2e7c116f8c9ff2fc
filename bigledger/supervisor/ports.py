"""Whether a port is free."""

import errno
import socket

CONNECT_TIMEOUT_SECONDS = 0.5


def port_is_free(host: str, port: int) -> bool:
    """Whether no server listens on the port. Whether we are allowed to is for our own server to find out."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in addresses:
        try:
            # Connect first, because macOS lets an address be bound while another process listens on all addresses.
            with socket.socket(family, kind, protocol) as probe:
                probe.settimeout(CONNECT_TIMEOUT_SECONDS)
                if probe.connect_ex(address) == 0:
                    return False
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
    return True
