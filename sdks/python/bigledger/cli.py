"""The command `bigledger`: sign in, call any operation, follow and forward events.

bigledger login
bigledger accounts list --type asset
bigledger invoices get inv_INV-2024-001 --json
bigledger listen --forward-to http://localhost:3000/webhooks
bigledger trigger payment.received
bigledger open dashboard
"""

from __future__ import annotations

import argparse
import getpass
import inspect
import json
import os
import sys
import webbrowser
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any

from bigledger import types
from bigledger.calls import Pages, Resource
from bigledger.client import BigLedger
from bigledger.errors import BigLedgerError
from bigledger.forwarding import forward, new_secret
from bigledger.objects import Object, dumps
from bigledger.triggers import TRIGGERS

_PAGES = {"dashboard": "/dashboard", "docs": "/docs/api", "admin": "/admin/", "graphql": "/graphql"}
_COLUMNS = (
    *("number", "code", "name", "type", "status", "date", "invoice_date"),
    *("total", "amount", "amount_due", "balance", "currency"),
)
_OPTIONS = ("expand", "fields", "idempotency_key", "validate_only", "if_match")
_ROWS = 50


def main(arguments: list[str] | None = None) -> None:
    given = sys.argv[1:] if arguments is None else arguments
    try:
        _run(given)
    except BigLedgerError as error:
        sys.exit(f"bigledger: {error}")
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        sys.exit(130)


def _run(given: list[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="bigledger", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    login = commands.add_parser("login", help="keep an API key, and where the API is")
    login.add_argument("--base-url", default=os.environ.get("BIGLEDGER_BASE_URL", "http://localhost:8000"))
    login.add_argument("--api-key", help="asked for when it is left out")
    listen = commands.add_parser("listen", help="show events as they come")
    listen.add_argument("--forward-to", metavar="URL", help="send each on, signed as a webhook")
    listen.add_argument("--events", default="", help="such as invoice.*,payment.received")
    listen.add_argument("--after", type=int, help="the seq of the last event that you have; by default from now on")
    listen.add_argument("--json", action="store_true")
    trigger = commands.add_parser("trigger", help="do what causes an event, in a sandbox")
    trigger.add_argument("event", choices=sorted(TRIGGERS))
    opened = commands.add_parser("open", help="open a page in the browser")
    opened.add_argument("page", nargs="?", default="dashboard", choices=sorted(_PAGES))
    for name in _resources():
        commands.add_parser(name.replace("_", "-"), help=f"operations on {name.replace('_', ' ')}", add_help=False)
    known, rest = parser.parse_known_args(given)
    if known.command == "login":
        return _login(known)
    if known.command == "open":
        print(address := f"{_base_url()}{_PAGES[known.page]}")
        webbrowser.open(address)
        return None
    with _client() as client:
        if known.command == "listen":
            return _listen(client, known)
        if known.command == "trigger":
            print(TRIGGERS[known.event](client))
            return None
        return _operate(client, known.command.replace("-", "_"), rest)


def _resources() -> list[str]:
    from bigledger.resources import Resources

    return sorted(Resources.__annotations__)


def _config() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "bigledger" / "config.json"


def _kept() -> dict[str, str]:
    return json.loads(_config().read_text()) if _config().exists() else {}


def _base_url() -> str:
    return os.environ.get("BIGLEDGER_BASE_URL") or _kept().get("base_url", "http://localhost:8000")


def _client() -> BigLedger:
    key = os.environ.get("BIGLEDGER_API_KEY") or _kept().get("api_key")
    if not key:
        sys.exit("bigledger: run `bigledger login`, or set BIGLEDGER_API_KEY")
    return BigLedger(key, base_url=_base_url())


def _login(known: argparse.Namespace) -> None:
    key = known.api_key or getpass.getpass("API key: ")
    with BigLedger(key, base_url=known.base_url) as client:
        tenant = client.tenant.get()
    _config().parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(_config(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"api_key": key, "base_url": known.base_url}, file)
    print(f"Signed in to {tenant.name} ({tenant.environment}).")


def _operate(client: BigLedger, resource: str, rest: list[str]) -> None:
    found: Resource = getattr(client, resource)
    methods = [name.rstrip("_") for name, _ in inspect.getmembers(found, inspect.ismethod) if not name.startswith("_")]
    parser = argparse.ArgumentParser(
        prog=f"bigledger {resource.replace('_', '-')}",
        epilog="Fields are given as --name value, operators as --due-date[gte] 2024-01-01, lists and objects as JSON.",
    )
    parser.add_argument("method", choices=[name.replace("_", "-") for name in methods])
    parser.add_argument("ids", nargs="*", help="the ids of the path: natural keys too (acc_1000)")
    parser.add_argument("--json", action="store_true", help="for programs; tables are for people")
    parser.add_argument("--all", action="store_true", help=f"the whole list, not its first {_ROWS}")
    known, fields = parser.parse_known_args(rest)
    method = getattr(found, known.method.replace("-", "_"))
    values = _fields(fields, parser, _numbers_of(method))
    options = {name: values.pop(name) for name in _OPTIONS if name in values}
    try:
        answer = method(*known.ids, options=options, **values)
    except TypeError as fault:
        parser.error(str(fault).partition(") ")[2] or str(fault))
    _show(answer, as_json=known.json, most=None if known.all else _ROWS)


def _numbers_of(method: Any) -> set[str]:
    """The fields of a method that are numbers: of other fields, `100` is a text."""
    for parameter in inspect.signature(method).parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            shape = getattr(types, str(parameter.annotation).removeprefix("Unpack[t.").removesuffix("]"))
            hints = {name: getattr(hint, "__forward_arg__", str(hint)) for name, hint in shape.__annotations__.items()}
            return {name for name, hint in hints.items() if "Decimal" in hint or "int" in hint.split(" | ")}
    return set()


def _fields(texts: list[str], parser: argparse.ArgumentParser, numbers: set[str]) -> dict[str, Any]:
    """`--due-date[gte] 2024-01-01` is `due_date={"gte": "2024-01-01"}`."""
    found: dict[str, Any] = {}
    position = 0
    while position < len(texts):
        name, is_joined, joined = texts[position].removeprefix("--").partition("=")
        if not texts[position].startswith("--"):
            parser.error(f"{texts[position]} is no field: fields begin with --")
        value = joined if is_joined else texts[position + 1] if position + 1 < len(texts) else ""
        position += 1 if is_joined else 2
        field, bracket, operator = name.partition("[")
        field = field.replace("-", "_")
        if bracket:
            found.setdefault(field, {})[operator.rstrip("]")] = value
        else:
            found[field] = _value(value, is_number=field in numbers)
    return found


def _value(text: str, *, is_number: bool) -> Any:
    """JSON where it begins like it, `@file` for its bytes, an exact number where the field is one, else the text."""
    if text[:1] in ("[", "{") or text in ("true", "false", "null"):
        return json.loads(text, parse_float=Decimal)
    if text.startswith("@"):
        return Path(text[1:]).read_bytes()
    if is_number:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


def _show(answer: Any, *, as_json: bool, most: int | None) -> None:
    if isinstance(answer, bytes):
        sys.stdout.buffer.write(answer)
    elif isinstance(answer, Pages):
        rows = list(islice(answer, most))
        print("\n".join(dumps(row) for row in rows) if as_json else _table(rows))
        if most and len(rows) == most and not as_json:
            print(f"The first {most}; --all shows every one.", file=sys.stderr)
    elif answer is not None:
        print(dumps(answer) if as_json else _sheet(answer))


def _table(rows: list[Object]) -> str:
    if not rows:
        return "Nothing found."
    names = ["id", *(name for name in _COLUMNS if name in rows[0])]
    cells = [
        [str(row.to_dict().get(name) if row.to_dict().get(name) is not None else "") for name in names] for row in rows
    ]
    widths = [max(len(line[at]) for line in [names, *cells]) for at in range(len(names))]
    numbers = [isinstance(rows[0].to_dict().get(name), Decimal) for name in names]
    lines = [
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numbers, strict=True)
        ).rstrip()
        for line in [[name.upper() for name in names], *cells]
    ]
    return "\n".join(lines)


def _sheet(answer: Object) -> str:
    fields = answer.to_dict()
    width = max(map(len, fields), default=0)
    return "\n".join(
        f"{name.ljust(width)}  {value if not isinstance(value, dict | list) else dumps(value)}"
        for name, value in fields.items()
    )


def _listen(client: BigLedger, known: argparse.Namespace) -> None:
    types = [name for name in known.events.split(",") if name]
    secret = new_secret()
    if known.forward_to:
        print(f"Signing secret of this run: {secret}", file=sys.stderr)
    print("Waiting for events; Ctrl-C ends.", file=sys.stderr)
    for event in client.webhooks.stream(*types, after=known.after):
        came = forward(event, known.forward_to, secret) if known.forward_to else ""
        shown = (
            dumps(event) if known.json else f"{event.timestamp:%H:%M:%S}  {event.seq}  {event.type}  {event.id}  {came}"
        )
        print(shown.rstrip(), flush=True)
