"""How the content of a document is passed to the template that all documents share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bigledger.typesetting.layout import han, piece, size
from invoicing.pdf.parties import paper

TEMPLATE = "invoicing/pdf/templates/document.typ"
_MOST_IN_FOOT = 70


def document_layout(content: dict[str, Any], logo: bytes | None = None) -> dict[str, Any]:
    """The data of `templates/document.typ`. `logo` is a PNG."""
    seller, buyer, rows = content["seller"], content["buyer"], content["rows"]
    stamp = content["stamp"]
    title = f"{content['heading']} {content['number'] or '(draft)'}"
    return {
        "title": title,
        "author": seller["name"],
        "paper": paper(seller, buyer),
        "han": han(_texts(content), buyer["country"]),
        "foot": [piece(_shortened(seller["name"])), piece(title)],
        "footer": _optional(seller["footer"]),
        "seller": {"name": piece(seller["name"]), "lines": [piece(line) for line in seller_lines(seller)]},
        "logo": {"bytes": list(logo), "alt": f"Logo of {seller['name']}"} if logo else None,
        "heading": content["heading"],
        "stamp": {"text": stamp[0], "tone": stamp[1]} if stamp else None,
        "buyer": {
            "label": content["buyer_label"],
            "name": piece(buyer["name"]),
            "lines": [piece(line) for line in (*buyer["address"], *_tax_id(buyer))],
        },
        "facts": [{"name": name, "value": piece(value)} for name, value in content["facts"]],
        "size": size([row["figures"] for row in rows]),
        "head": content["head"],
        "rows": [row | {"description": piece(row["description"])} for row in rows],
        "sums": [total | {"name": piece(total["name"])} for total in content["sums"]],
        "currency": content["currency"],
        "wording": [piece(text) for text in content.get("wording", [])],  # what was issued earlier has none
        "notes": _optional(content["notes"]),
        "bank": _optional(seller["bank_account"]),
        "link": content["link"],
    }


def _optional(text: str) -> dict[str, Any] | None:
    return piece(text) if text else None


def _tax_id(party: dict[str, Any]) -> list[str]:
    return [f"Tax ID {party['tax_id']}"] if party["tax_id"] else []


def seller_lines(seller: dict[str, Any]) -> list[str]:
    """The lines below the name of the seller: legal name, address, tax id, e-mail."""
    legal = [seller["legal_name"]] if seller["legal_name"] not in ("", seller["name"]) else []
    return [*legal, *seller["address"], *_tax_id(seller), *([seller["email"]] if seller["email"] else [])]


def _texts(content: dict[str, Any]) -> Sequence[str]:
    """Everything that somebody typed."""
    seller, buyer = content["seller"], content["buyer"]
    return [
        buyer["name"], seller["name"], seller["legal_name"], seller["footer"], seller["bank_account"], content["notes"],
        *content.get("wording", []),
        *buyer["address"], *seller["address"], *(row["description"] for row in content["rows"]),
    ]  # fmt: skip


def _shortened(name: str) -> str:
    return name if len(name) <= _MOST_IN_FOOT else f"{name[: _MOST_IN_FOOT - 1].rstrip()}…"
