"""`make bench`, part by part: `posting` is the API's rate as a share of the raw limit, and the trial balance at two
sizes; `graphql` a customer with invoices, as a share of REST; `reports` every report and export at two sizes; `limits`
what counting a request costs; `webhooks` how long a change is on its way, and `sockets` how long to a thousand sockets
(`make sockets`).

Environment: SEC seconds a run, RUNS rounds; for posting CONNS connection counts and LINES the two sizes of the
books; for webhooks BACKLOG events that wait for the worker; for sockets SOCKETS of them. Each part has a process to
itself, since it has a home to itself, and settings are read once.
"""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import import_module

from bench import page
from bench.home import private_home

PARTS = {
    "posting": "bench.report",
    "graphql": "bench.graphql",
    "reports": "bench.reports",
    "limits": "bench.limits",
    "webhooks": "bench.webhooks",
    "sockets": "bench.sockets",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, default="posting")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with private_home():
        import django

        django.setup()
        text: str = import_module(PARTS[arguments.part]).figures()
    print(text)
    if arguments.write:
        page.write(arguments.part, text)


if __name__ == "__main__":
    main()
