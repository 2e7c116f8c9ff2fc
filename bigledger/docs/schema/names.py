"""The names that clients know: of schemas (`Invoice`, `InvoiceUpdate`) and of operations (`updateInvoice`)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from bigledger.api.resource import resource_of, singular

_PLAIN = {"create": "create", "retrieve": "get", "partial_update": "update", "destroy": "delete", "list": "list"}
_METHODS = {"retrieve": "get", "partial_update": "update", "destroy": "delete"}


def capital(name: str) -> str:
    """`journal_entries` is `JournalEntries`."""
    return "".join(word.capitalize() for word in name.split("_"))


def of_struct(struct: type[Struct]) -> str:
    """An object of a resource has the resource's name, whatever its class is called; others that of their class."""
    resource = resource_of(struct)
    return capital(resource.singular) if resource else struct.__name__.removesuffix("Body")


def of_input(name: str, taken: Any) -> str:
    """`PatchedInvoiceInput` is `InvoiceUpdate`; `NewAccountInput` is `AccountInput` unless that is another shape."""
    if name.startswith("Patched"):
        return name.removeprefix("Patched").removesuffix("Input").removesuffix("Changes") + "Update"
    plain = name.removeprefix("New")
    return plain if name.endswith("Input") and plain not in taken else name


def of_operation(view: Any, method: str, path: str) -> str:
    """`updateInvoice`, `listInvoiceEvents`, `getInvoicePdf`, `rotateInvoiceLink`, `bulkInvoices`."""
    described = view.operation
    if described and described.named:
        return str(described.named)
    action: str = view.action
    many, one = capital(view.resource), capital(singular(view.resource))
    if action in ("create", "list"):
        return f"{action}{one if action == 'create' else many}"
    if action in _PLAIN:
        return f"{_PLAIN[action]}{one if '{' in path else many}"
    verb, _, noun = action.removesuffix("_rows").partition("_")
    if "{" not in path:
        return f"{verb}{many}" if method == "POST" or action == "export" else f"get{many}{capital(action)}"
    if method == "GET":
        return f"{'list' if described and described.listing else 'get'}{one}{capital(action)}"
    return f"{verb}{one}{capital(noun)}"


def of_method(view: Any) -> str:
    """The method of an SDK: `client.invoices.update`."""
    action: str = view.action
    return _METHODS.get(action, action)
