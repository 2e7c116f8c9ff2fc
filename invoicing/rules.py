"""The business rules of sales."""

from bigledger.mail.rules import MAIL_LIMIT_REACHED
from bigledger.rules import register
from customers.rules import CREDIT_LIMIT_EXCEEDED
from ledger.rules import CORRECTING, POSTING

CUSTOMER_BLOCKED = register(
    "customer_blocked",
    "{name} is blocked and gets no new invoices.",
    "Set `status` of the customer to `active`.",
)
TAX_ID_REQUIRED = register(
    "tax_id_required",
    "{tax} needs the tax number of {name}.",
    "Set `tax_id` of the customer, or give the lines another tax.",
)
INVOICE_ISSUED = register(
    "invoice_issued",
    "{number} is {status} and cannot be deleted; void it instead.",
    "Void the invoice, or credit it with a credit note. Only `due_date` and `notes` can still change.",
)
CONTENT_FIXED = INVOICE_ISSUED.worded("{number} is issued: {fields} cannot change; void it or credit it instead.")
INVOICE_NOT_ISSUED = register(
    "invoice_not_issued",
    "{number} is {status}; send it first.",
    "Send the invoice, which issues it. One that was voided or written off takes nothing more.",
)
NOT_CREDITABLE = INVOICE_NOT_ISSUED.worded("{number} is {status}; only an issued invoice can be credited.")
NO_LINK = INVOICE_NOT_ISSUED.worded("{number} is {status} and has no link.")
INVOICE_CLOSED = register(
    "invoice_closed",
    "{number} is {status} and cannot be {participle}.",
    "Read `status` of the invoice. A new invoice or a credit note corrects a closed one.",
)
NOTHING_DUE = INVOICE_CLOSED.worded("{number} is {status}; nothing is due.")
INVOICE_HAS_PAYMENTS = register(
    "invoice_has_payments",
    "{number} has payments or credit applied to it; unapply, refund or void them first.",
    "Take the payments off it, void the credit notes and undo the write-offs, then void; or credit the rest of it.",
)
INVOICE_CREDITED = INVOICE_HAS_PAYMENTS.worded("{number} is credited by {notes}; void the credit notes first.")
INVOICE_WRITTEN_OFF_IN_PART = INVOICE_HAS_PAYMENTS.worded(
    "{number} is written off, in whole or in part; undo the write-offs first."
)
INVOICE_YEAR_FIXED = register(
    "invoice_year_fixed",
    "The number {number} of the draft belongs to {year}; the year cannot change.",
    "Delete the draft and make a new invoice, which gets a number of the other year.",
)
OTHER_CUSTOMER = register(
    "other_customer",
    "{number} is another customer's invoice.",
    "Name an invoice of the same customer.",
)
OVER_APPLICATION = register(
    "over_application",
    "Only {left} {currency} is left to apply.",
    "Apply at most what is left and what is due; without `amount` that is what is applied.",
)
OVER_DUE = OVER_APPLICATION.worded("Only {due} {currency} is due on {number}.")
OVER_REFUND = register(
    "over_refund",
    "Only {left} {currency} of the payment is left to refund.",
    "Refund at most what is left; without `amount` that is what is refunded.",
)
CREDIT_OVER_REFUND = OVER_REFUND.worded("Only {left} {currency} of the credit note is left to refund.")
OVER_WRITE_OFF = register(
    "over_write_off",
    "Only {left} {currency} of {number} can be written off.",
    "Write off at most what is due and not credited; without `amount` that is what is written off.",
)
WRITE_OFF_UNDONE = register(
    "write_off_undone",
    "Nothing is left of this write-off: it was undone or recovered.",
    "Nothing needs to be done.",
)
NOT_APPLIED = register(
    "not_applied",
    "Nothing of it is applied to {number}.",
    "Read `applications`: those without `released_date` are what counts.",
)
PAYMENT_FAILED = register(
    "payment_failed",
    "The payment failed; there is nothing to {verb}.",
    "Read `failure_code` of the payment, and take a new one.",
)
PAYMENT_REFUNDED = register(
    "payment_refunded",
    "The payment has already been refunded in full.",
    "Nothing needs to be done.",
)
PAYMENT_VOID = register(
    "payment_void",
    "The payment is void; there is nothing to {verb}.",
    "Read `status` of the payment, and take a new one.",
)
CREDIT_NOTE_VOID = register(
    "credit_note_void",
    "{number} is void.",
    "Make a new credit note.",
)
CREDIT_REFUNDED = register(
    "credit_note_refunded",
    "Money was paid out for {number}, so it cannot be voided.",
    "Invoice what was credited by mistake.",
)
DISCOUNT_NOT_REFUNDABLE = register(
    "discount_not_refundable",
    "{number} is a discount for early payment, which is not paid out.",
    "Apply it to an invoice, or void it.",
)
CREDIT_EXCEEDS_INVOICE = register(
    "credit_exceeds_invoice",
    "Only {left} {currency} of {number} is left to credit.",
    "Credit at most what is neither credited nor written off, or make a credit note without an invoice.",
)
CREDIT_EXCEEDS_LINE = register(
    "credit_exceeds_line",
    "Only {left} of line {line} of {number} is left to credit.",
    "Credit at most the quantity of the line that is not credited yet; without `quantity` that is what is credited.",
)
DIFFERENCE_NOT_SMALL = register(
    "difference_not_small",
    "{amount} {currency} is over the limit for small differences, {limit} {currency}.",
    "Write it off as `bad_debt`, or raise the currency's `small_difference_limit` in the sales settings.",
)
PRODUCT_IN_USE = register(
    "product_in_use",
    "{name} is used by {uses}; make it inactive instead.",
    "Make the product inactive.",
)
TAX_RATE_IN_USE = register(
    "tax_rate_in_use",
    "{name} is used by {uses}; make it inactive instead.",
    "Make the tax rate inactive.",
)
RECURRING_INVOICE_IN_USE = register(
    "recurring_invoice_in_use",
    "This recurring invoice has already issued invoices; pause it instead.",
    "Pause the recurring invoice, or set its `end_date`.",
)
RECURRING_INVOICE_NOT_ACTIVE = register(
    "recurring_invoice_not_active",
    "The recurring invoice is {status}, not active.",
    "Read `status` of the recurring invoice: only an active one can be paused.",
)
RECURRING_INVOICE_NOT_PAUSED = register(
    "recurring_invoice_not_paused",
    "The recurring invoice is {status}, not paused.",
    "Read `status` of the recurring invoice: only a paused one can be resumed.",
)
TOO_MANY_RECIPIENTS = register(
    "too_many_recipients",
    "A mail goes to at most {most} addresses that are neither the customer's nor a contact's; these are {found}."
    " Add them to the customer's contacts, or write to fewer.",
    "Add the addresses to the customer's contacts, or write to fewer.",
)
NO_RECIPIENT = register(
    "no_recipient",
    "{name} has no e-mail address; give one in `to`.",
    "Give `to`, or the customer an `email`; or send `deliver: false` to issue the invoice without a mail.",
)
CARDS_NOT_TAKEN = register(
    "cards_not_taken",
    "This deployment has no card gateway.",
    "Use another payment method, or have the operator set a gateway.",
)
CARD_NUMBER_REFUSED = register(
    "card_number_refused",
    "Card numbers are accepted in the sandbox only; send the gateway's token instead.",
    "Let the gateway turn the card into a token in the buyer's browser, and send `card.token`.",
)
CURRENCY_NOT_TAKEN = register(
    "currency_not_taken",
    "Cards cannot be charged in {currency}.",
    "Use another payment method for this currency.",
)
AMOUNT_NOT_CHARGEABLE = register(
    "amount_not_chargeable",
    "Cards are charged in multiples of {smallest} {currency}.",
    "Round the amount to that multiple, or use another payment method.",
)

# The rules that operations share which issue an invoice, mail it, apply money to it, or charge a card.
ISSUING = (CUSTOMER_BLOCKED, TAX_ID_REQUIRED, CREDIT_LIMIT_EXCEEDED, *POSTING)
MAILING = (NO_RECIPIENT, TOO_MANY_RECIPIENTS, MAIL_LIMIT_REACHED)
APPLYING = (OTHER_CUSTOMER, INVOICE_NOT_ISSUED, INVOICE_CLOSED, OVER_APPLICATION, *CORRECTING)
UNAPPLYING = (NOT_APPLIED, *CORRECTING)
CHARGING = (CARDS_NOT_TAKEN, CARD_NUMBER_REFUSED, CURRENCY_NOT_TAKEN, AMOUNT_NOT_CHARGEABLE)
