// The dashboard as the page shows it: amounts grouped, days in words. `shown.py` says the same for the first picture.
// Amounts are texts throughout, so that none is ever rounded.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
const AGES = ["current", "days_1_30", "days_31_60", "days_61_90", "days_over_90"]
const METHODS = { bank_transfer: "Bank transfer", cash: "Cash", check: "Check", card: "Card" }
const STATES = { written_off: "Written off", partially_refunded: "Partly refunded" }

// JSON whose numbers become texts: a double would round what has more than 15 digits.
export function parse(text) {
  return JSON.parse(text.replace(/("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g, (_, string, number) => string ?? `"${number}"`))
}

export function amount(text) {
  const [whole, fraction] = text.replace("-", "").split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",")
  return `${text.startsWith("-") ? "\u2212" : ""}${grouped}${fraction ? `.${fraction}` : ""}`
}

// A whole number of the smallest unit, for comparing and dividing.
export const units = (text) => BigInt(text.replace(".", ""))

export function day(text) {
  const [year, month, date] = text.split("-")
  return `${Number(date)} ${MONTHS[month - 1]} ${year}`
}

export const size = (text) => (text.length <= 12 ? "s" : text.length <= 16 ? "m" : text.length <= 20 ? "l" : "xl")

const month = (text) => day(text).split(" ").slice(1).join(" ")
const state = (name) => STATES[name] ?? name[0].toUpperCase() + name.slice(1)
const counted = (number, thing) => `${number === "0" ? "No" : amount(number)} ${thing}${number === "1" ? "" : "s"}`

// Overdue also before the job that marks invoices has come to it. Days compare as texts.
const isOpen = ({ status }) => status === "sent" || status === "overdue"
const isLate = (invoice, today) => isOpen(invoice) && invoice.due_date < today

function standing(invoice, today) {
  if (!isOpen(invoice)) return state(invoice.status).toLowerCase()
  return `${isLate(invoice, today) ? "overdue since" : "due"} ${day(invoice.due_date)}`
}

function asOf(body) {
  const newer = body.unnumbered_events === "0" ? "" : ` and ${counted(body.unnumbered_events, "newer change")}`
  return `Exact as of event ${amount(body.as_of_seq)}${newer}`
}

function comparison(revenue) {
  if (units(revenue.this_month) === 0n) return "None yet this month"
  const before = units(revenue.last_month_to_same_day)
  if (before <= 0n) return "No revenue by this day last month"
  const change = (units(revenue.this_month) - before) * 100n
  const size = change < 0n ? -change : change
  const percent = (size * 2n + before) / (before * 2n)
  if (percent === 0n) return "As much as by this day last month"
  return `${amount(String(percent))} % ${change > 0n ? "more" : "less"} than by this day last month`
}

function aging({ aging: ages }) {
  const most = AGES.map((name) => units(ages[name])).reduce((a, b) => (a > b ? a : b))
  return AGES.map((name) => ({
    name,
    amount: amount(ages[name]),
    is_zero: units(ages[name]) === 0n,
    share: most > 0n ? String((units(ages[name]) * 1000n) / most) : "0",
  }))
}

export function shown(body) {
  const currency = (row) => (row.currency === body.currency ? "" : row.currency)
  return {
    as_of: asOf(body),
    today: day(body.as_of_date),
    cash: amount(body.cash.total),
    accounts: body.cash.accounts
      .filter((row) => units(row.balance) !== 0n)
      .map((row) => ({ code: row.code, name: row.name, balance: amount(row.balance) })),
    receivables: amount(body.receivables.total),
    open_invoices: counted(body.receivables.open_invoices, "open invoice"),
    overdue: amount(body.receivables.overdue),
    overdue_invoices: counted(body.receivables.overdue_invoices, "overdue invoice"),
    revenue: amount(body.revenue.this_month),
    last_month: amount(body.revenue.last_month),
    comparison: comparison(body.revenue),
    aging: aging(body.receivables),
    foreign: body.foreign_receivables.map((row) => ({
      currency: row.currency, total: amount(row.total), overdue: amount(row.overdue),
    })),
    has_flow: body.cash_flow.some((row) => units(row.change) !== 0n),
    months: body.cash_flow.map((row) => ({
      month: month(row.month), change: amount(row.change), balance: amount(row.balance),
    })),
    invoices: body.latest_invoices.map((row) => ({
      number: row.number, customer: row.customer_name, status: standing(row, body.as_of_date),
      is_late: isLate(row, body.as_of_date), amount: amount(row.total), currency: currency(row),
    })),
    payments: body.latest_payments.map((row) => ({
      customer: row.customer_name, method: METHODS[row.method], status: row.status === "received" ? "" : state(row.status),
      is_late: row.status === "failed", date: day(row.date), amount: amount(row.amount), currency: currency(row),
    })),
    entries: body.latest_entries.map((row) => ({
      number: row.number, description: row.description, date: day(row.date), amount: amount(row.total),
      currency: currency(row),
    })),
  }
}
