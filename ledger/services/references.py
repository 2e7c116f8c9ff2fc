"""What entries name: accounts and documents, by id or natural key.

Accounts are cached with the version of their row. The database compares the version when it posts, so a stale name or
state never gets into an entry. Code that would refuse an entry because of a cached account looks the account up again
first.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from bigledger import exact_json, ids
from bigledger.postgres.execute import call
from bigledger.postgres.statement import Call
from bigledger.row_cache import RowCache
from bigledger.tenants.context import current_tenant
from ledger.bodies import AccountRef
from ledger.models import Account, Document

_MAX_CACHED = 50_000
_RESOLVE = Call("ledger_resolve({0})")


class NamedAccount(msgspec.Struct):
    id: uuid.UUID
    code: str
    name: str
    currency: str
    is_active: bool
    is_control: bool
    version: str
    ref: AccountRef | None = None  # as bodies show it

    @property
    def shown(self) -> AccountRef:
        if self.ref is None:
            self.ref = AccountRef(Account.public_id_of(self.id), self.code, self.name)
        return self.ref


class NamedDocument(msgspec.Struct):
    id: uuid.UUID
    reference: str | None


class _Found(msgspec.Struct):
    """What `ledger_resolve` gives back."""

    accounts: list[NamedAccount]
    documents: list[NamedDocument]


@dataclass(frozen=True, slots=True)
class References:
    """Accounts and documents by the texts that name them; a text that names nothing is missing. `remembered` says that
    some accounts come from the cache, so their rows may have changed."""

    accounts: dict[str, NamedAccount]
    documents: dict[str, NamedDocument]
    remembered: bool


_found_decoder = msgspec.json.Decoder(_Found)
_accounts = RowCache[tuple[uuid.UUID, str], NamedAccount](_MAX_CACHED)


def resolve(accounts: set[str], documents: set[str], *, afresh: bool = False) -> References:
    """Reads what is not cached in one call, and makes no call when everything is. `afresh` ignores the cache."""
    tenant_id = current_tenant().id
    known: dict[str, NamedAccount] = {}
    if not afresh:
        for text in accounts:
            account = _accounts.get((tenant_id, text))
            if account is not None:
                known[text] = account
    if len(known) == len(accounts) and not documents:
        return References(known, {}, remembered=bool(known))
    asked = accounts - known.keys()
    found = _ask(asked, documents)
    named = {Account.named(a.code): a for a in found.accounts} | {a.shown.id: a for a in found.accounts}
    for text in asked & named.keys():
        _accounts.keep((tenant_id, text), named[text])
    return References(
        known | named,
        {Document.named(d.reference): d for d in found.documents}
        | {Document.public_id_of(d.id): d for d in found.documents},
        remembered=bool(known),
    )


def _ask(accounts: set[str], documents: set[str]) -> _Found:
    account_ids, codes = _names(Account, accounts)
    document_ids, document_references = _names(Document, documents)
    names = {
        "account_ids": account_ids,
        "codes": codes,
        "document_ids": document_ids,
        "document_references": document_references,
    }
    return _found_decoder.decode(call(_RESOLVE, exact_json.encode(names)))


def _names(model: type[ids.Identified], texts: Iterable[str]) -> tuple[list[uuid.UUID], list[str]]:
    """Ids and natural keys among `texts`."""
    named = [ids.parse(model.id_prefix, text) for text in texts]
    return [n for n in named if isinstance(n, uuid.UUID)], [n for n in named if isinstance(n, str)]
