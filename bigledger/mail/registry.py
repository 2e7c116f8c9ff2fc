"""The closed list of kinds of mail. An app registers its own in `<app>/mails.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bigledger.mail.letters import Letter
from bigledger.mail.models import Mail


@dataclass(frozen=True, slots=True)
class MailKind:
    """`about` is the id prefix of what it tells of.

    `still_due` says whether the mail is still true when its turn comes; otherwise it is cancelled. `write` makes the
    letter. Both run in the tenant's context and may fail as they like. `from_tenant` puts the tenant's name at the
    sender and its address at Reply-To. `is_capped`: refused when the tenant's recipients of the day are used up.
    `is_shown`: the API shows at the object what became of the latest one, so that one is never deleted.
    """

    name: str
    description: str
    about: str
    still_due: Callable[[Mail], bool]
    write: Callable[[Mail], Letter]
    from_tenant: bool = True
    is_capped: bool = True
    is_shown: bool = False


_registry: dict[str, MailKind] = {}


def register(kind: MailKind) -> MailKind:
    """Called once per kind, where the app that sends it declares it."""
    if kind.name in _registry:
        raise ValueError(f"mail kind {kind.name} is registered twice")
    _registry[kind.name] = kind
    return kind


def kind_named(name: str) -> MailKind:
    return _registry[name]


def mail_kinds() -> list[MailKind]:
    """All registered kinds, by name."""
    return [_registry[name] for name in sorted(_registry)]
