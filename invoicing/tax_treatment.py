"""How a supply is taxed beside its rate: the kind of tax, the wording that documents carry, who gets the tax."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

STANDARD, ZERO_RATED, EXEMPT, OUT_OF_SCOPE = "standard", "zero", "exempt", "out_of_scope"
REVERSE_CHARGE, INTRA_COMMUNITY = "reverse_charge", "intra_community"

# The recipient owes the tax, or proves that there is none, by its own tax number (EN 16931, BR-AE-02 and BR-IC-02).
NEEDS_TAX_ID = (REVERSE_CHARGE, INTRA_COMMUNITY)
# What a document says when the tax rate says nothing else (Directive 2006/112/EC, article 226, points 11 and 11a).
USUAL_WORDING = {
    REVERSE_CHARGE: "Reverse charge: the recipient is liable for the tax.",
    INTRA_COMMUNITY: "Intra-Community supply, exempt from tax (Article 138, Directive 2006/112/EC).",
}
# The name of what was sold without any tax rate.
UNTAXED = "No tax"


@dataclass(frozen=True, slots=True)
class Treatment:
    """`reason` is the wording on documents. The tax goes to `account_id`, else to Sales Tax Payable."""

    kind: str = STANDARD
    reason: str = ""
    authority: str = ""
    account_id: uuid.UUID | None = None


ORDINARY = Treatment()
ZERO_RATE = Treatment(ZERO_RATED)
