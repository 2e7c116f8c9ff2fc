// Entering by keyboard: lists of lines with rows found while typing, sums that are exact, files dropped onto the form.
// No float is used: an amount is a BigInt of 10^-12.
const PLACES = 12, ONE = 10n ** BigInt(PLACES)
const form = document.querySelector(".operation-form")

function parsed(text) {
  const found = /^(-?)(\d+|\d{1,3}(?:,\d{3})+)?(?:\.(\d{0,12}))?$/.exec(text.trim())
  if (!found || (!found[2] && !found[3])) return null
  const value = BigInt((found[2] ?? "0").replaceAll(",", "")) * ONE + BigInt((found[3] ?? "").padEnd(PLACES, "0"))
  return found[1] ? -value : value
}

function times(first, second) {
  return first * second / ONE
}

// Half away from zero, to so many digits behind the point.
function rounded(value, digits) {
  const unit = 10n ** BigInt(PLACES - digits), half = unit / 2n
  return (value < 0n ? (value - half) / unit : (value + half) / unit) * unit
}

function digitsOf(currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits
}

function shown(value, digits) {
  const positive = value < 0n ? -value : value
  const whole = (positive / ONE).toString().replace(/\B(?=(\d{3})+$)/g, ",")
  const rest = (positive % ONE).toString().padStart(PLACES, "0").replace(/0+$/, "").padEnd(digits, "0")
  return `${value < 0n ? "\u2212" : ""}${whole}${rest ? `.${rest}` : ""}`
}

const plain = (text) => text.replaceAll(",", "").replace("\u2212", "-")

// -- rows found while typing --------------------------------------------------------------------------------

const sources = new Map()

function source(address) {
  if (!sources.has(address)) sources.set(address, fetch(address).then((answer) => answer.json()))
  return sources.get(address)
}

async function matching(address, text) {
  const words = text.trim().toLowerCase()
  let { rows, is_all: isAll } = await source(address)
  if (!isAll && words) rows = (await source(`${address}?q=${encodeURIComponent(words)}`)).rows
  const rank = (row) => {
    const name = row.text.toLowerCase()
    if (name === words || name.startsWith(`${words} `)) return 0
    if (name.startsWith(words)) return 1
    return name.includes(` ${words}`) ? 2 : 3
  }
  return rows.filter((row) => words.split(/\s+/).every((word) => row.text.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b)).slice(0, 12)
}

const list = document.createElement("ul")
list.id = "choices"
list.className = "choices"
list.setAttribute("role", "listbox")
list.setAttribute("aria-label", "Choices")
list.hidden = true
document.body.append(list)
let owner = null, offered = [], marked = 0, asked = 0

function close() {
  list.hidden = true
  offered = []
  owner?.setAttribute("aria-expanded", "false")
  owner?.removeAttribute("aria-activedescendant")
}

function mark(place) {
  marked = (place + offered.length) % offered.length
  for (const [i, item] of [...list.children].entries()) item.setAttribute("aria-selected", String(i === marked))
  list.children[marked].scrollIntoView({ block: "nearest" })
  owner.setAttribute("aria-activedescendant", list.children[marked].id)
}

async function offer(input) {
  const ticket = ++asked
  const found = await matching(input.dataset.choices, input.value)
  if (ticket !== asked || document.activeElement !== input) return
  owner = input
  offered = found
  list.replaceChildren(...found.map((row, i) => {
    const item = document.createElement("li")
    item.id = `choice-${i}`
    item.setAttribute("role", "option")
    item.textContent = row.text
    item.addEventListener("mousedown", (event) => { event.preventDefault(); take(input, row); close() })
    return item
  }))
  if (!found.length) { close(); return }
  const box = input.getBoundingClientRect()
  const below = window.innerHeight - box.bottom > 240 || box.top < 240
  Object.assign(list.style, {
    left: `${Math.max(8, Math.min(box.left, window.innerWidth - 328))}px`,
    top: below ? `${box.bottom + 2}px` : "auto",
    bottom: below ? "auto" : `${window.innerHeight - box.top + 2}px`,
    minWidth: `${box.width}px`,
  })
  list.hidden = false
  input.setAttribute("aria-expanded", "true")
  input.setAttribute("aria-controls", list.id)
  mark(0)
}

function take(input, row) {
  input.value = row.text
  delete input.dataset.typed
  hint(input, row)
  input.dispatchEvent(new Event("change", { bubbles: true }))
}

// What a line takes from the row by itself is shown where it would be typed.
function hint(input, row) {
  const line = input.closest("tr")
  for (const [column, text] of Object.entries(row?.hints ?? {})) {
    const cell = line?.querySelector(`td[data-column="${column}"] input`)
    if (cell) cell.placeholder = text
  }
}

// A code that was typed whole names its row, also when the choices came too late to be looked at.
async function settle(input) {
  if (!input.dataset.typed || !input.value.trim()) return
  delete input.dataset.typed
  const text = input.value
  const [first] = await matching(input.dataset.choices, text)
  if (first && input.value === text) take(input, first)
}

function choose(event) {
  const input = event.target
  if (event.key === "ArrowDown" && event.altKey && list.hidden) return offer(input)
  if (list.hidden || owner !== input) return null
  if (event.key === "ArrowDown") mark(marked + 1)
  else if (event.key === "ArrowUp") mark(marked - 1)
  else if (event.key === "Escape") close()
  else if (event.key === "Tab" || event.key === "Enter") {
    take(input, offered[marked])
    close()
    if (event.key === "Tab") return null
    next(input)
  } else return null
  event.preventDefault()
  event.stopPropagation()
  return true
}

// -- lists of lines -----------------------------------------------------------------------------------------

const fields = (row) => [...row.querySelectorAll("td:not([hidden]) :is(input, select):not([type=hidden])")]
  .filter((field) => field.offsetParent !== null)

function focus(field) {
  field?.focus()
  field?.select?.()
}

// The field after this one in its row, or what is first in the next row.
function next(field) {
  const row = field.closest("tr")
  if (!row) { const all = [...form.elements].filter((one) => one.offsetParent); focus(all[all.indexOf(field) + 1]); return }
  const own = fields(row), place = own.indexOf(field)
  focus(own[place + 1] ?? fields(row.nextElementSibling ?? add(row.closest("[data-rows]")))[0])
}

function add(rows) {
  const number = Math.max(-1, ...[...rows.querySelectorAll("tbody [name]")]
    .map((field) => Number(field.name.slice(rows.dataset.rows.length + 1).split("-")[0]))) + 1
  const row = rows.querySelector("template").content.firstElementChild.cloneNode(true)
  for (const field of row.querySelectorAll("[name]")) {
    field.name = field.name.replace("__row__", number)
    field.id = field.id.replace("__row__", number)
  }
  rows.querySelector("tbody").append(row)
  ready(rows)
  return row
}

function remove(row) {
  const rows = row.closest("[data-rows]"), beside = row.nextElementSibling ?? row.previousElementSibling
  row.remove()
  focus(fields(beside ?? add(rows))[0])
  sum(rows)
}

function ready(rows) {
  const showsAll = rows.classList.contains("all")
  for (const cell of rows.querySelectorAll("[data-more]")) cell.hidden = !showsAll
  rows.querySelector("thead").hidden = !rows.querySelector("tbody tr")
  for (const [i, row] of [...rows.querySelectorAll("tbody tr")].entries()) {
    for (const field of fields(row)) {
      const label = field.closest("td").dataset.label
      field.setAttribute("aria-label", `${label}, row ${i + 1}`)
      if (field.closest("td").querySelector(".fault")) field.setAttribute("aria-invalid", "true")
    }
  }
  sum(rows)
}

function move(event) {
  const row = event.target.closest("tbody tr")
  if (!row || event.target.matches("select") && event.key !== "Enter" && event.key !== "Delete") return
  const rows = row.closest("[data-rows]"), own = fields(row), place = own.indexOf(event.target)
  const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key]
  if (event.key === "Delete" && event.ctrlKey) remove(row)
  else if (event.key === "Enter" && !event.ctrlKey) {
    const below = row.nextElementSibling
    if (below) focus(fields(below)[place])
    else focus(fields(add(rows))[0])
  } else if (step && row[step]) focus(fields(row[step])[place])
  else if (event.key === "=" && rows.balance && event.target.closest("td").dataset.column in rows.balance) fill(event.target, rows)
  else return
  event.preventDefault()
}

// `=` in a debit or a credit writes what is missing to balance.
function fill(field, rows) {
  const own = parsed(field.value) ?? 0n, side = field.closest("td").dataset.column
  const missing = (side === "debit" ? -rows.balance.difference : rows.balance.difference) + own
  if (missing <= 0n) return
  field.value = plain(shown(missing, rows.balance.digits))
  sum(rows)
}

// Cells copied from a spreadsheet, from this field to the right and down.
function paste(event) {
  const row = event.target.closest("tbody tr"), text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "")
  if (!row || !/[\t\n]/.test(text)) return
  event.preventDefault()
  const rows = row.closest("[data-rows]"), place = fields(row).indexOf(event.target)
  let at = row
  for (const line of text.split(/\r?\n/)) {
    at ??= add(rows)
    for (const [i, cell] of line.split("\t").entries()) {
      const field = fields(at)[place + i]
      if (field) { field.value = cell.trim(); if (field.dataset.choices) { field.dataset.typed = "1"; settle(field) } }
    }
    at = at.nextElementSibling
  }
  sum(rows)
}

// -- sums ---------------------------------------------------------------------------------------------------

const cell = (row, column) => row.querySelector(`td[data-column="${column}"] input`)
const text = (row, column) => cell(row, column)?.value.trim() || ""
const given = (row, column) => text(row, column) || cell(row, column)?.placeholder || ""

function foot(rows, parts) {
  const heads = [...rows.querySelectorAll("thead tr > *")].filter((head) => !head.hidden)
  const line = rows.querySelector("tfoot tr")
  rows.querySelector("tfoot").hidden = false
  line.replaceChildren(...heads.map((head) => {
    const found = document.createElement("td"), part = parts[head.dataset.column]
    if (part) { found.className = "figure"; found.textContent = part }
    return found
  }))
  const note = line.children[1]
  if (note) { note.textContent = parts.note; note.className = parts.state ?? ""; note.setAttribute("role", "status") }
}

// In one currency that of the lines; in several, what each line is worth in base, as far as it says so.
function balance(rows) {
  const base = form.dataset.base, lines = [...rows.querySelectorAll("tbody tr")]
  const currencies = new Set(lines.filter((row) => text(row, "debit") || text(row, "credit"))
    .map((row) => given(row, "currency").toUpperCase() || base))
  const isOne = currencies.size < 2, currency = isOne ? [...currencies][0] ?? base : base
  const sums = { debit: 0n, credit: 0n }
  let open = 0
  for (const row of lines) {
    for (const side of ["debit", "credit"]) {
      const amount = parsed(text(row, side))
      if (amount === null) continue
      const own = given(row, "currency").toUpperCase() || base
      const inBase = parsed(text(row, `base_${side}`)), rate = parsed(text(row, "exchange_rate"))
      if (isOne || own === base) sums[side] += amount
      else if (inBase !== null) sums[side] += inBase
      else if (rate !== null) sums[side] += rounded(times(amount, rate), digitsOf(base))
      else open += 1
    }
  }
  const digits = digitsOf(currency), difference = sums.debit - sums.credit
  rows.balance = { difference, digits, debit: 1, credit: 1 }
  const missing = difference < 0n ? `Debit lacks ${shown(-difference, digits)}` : `Credit lacks ${shown(difference, digits)}`
  foot(rows, {
    debit: shown(sums.debit, digits), credit: shown(sums.credit, digits),
    note: open ? `${open} at the rate of the day, in ${base}` : difference ? `${missing} ${currency}` : sums.debit ? `Balanced in ${currency}` : "",
    state: difference && !open ? "is-off" : "is-even",
  })
}

// Before tax, or with it when the prices include it, and before a discount on the whole.
function total(rows) {
  const currency = form.elements.currency?.value || form.dataset.base, digits = digitsOf(currency)
  let whole = 0n
  for (const row of rows.querySelectorAll("tbody tr")) {
    const quantity = parsed(text(row, "quantity")), price = parsed(given(row, "unit_price"))
    if (quantity === null || price === null) continue
    let amount = rounded(times(quantity, price), digits)
    const share = parsed(text(row, "discount_percentage")), less = parsed(text(row, "discount_amount"))
    if (share !== null) amount -= rounded(times(amount, share) / 100n, digits)
    else if (less !== null) amount -= less
    whole += amount
  }
  const taxed = form.elements.price_includes_tax?.value === "true"
  foot(rows, { unit_price: shown(whole, digits), note: `${taxed ? "With" : "Before"} tax, in ${currency}` })
}

function sum(rows) {
  const kind = rows?.querySelector("table").dataset.sum
  if (kind === "balance") balance(rows)
  else if (kind === "total") total(rows)
}

// -- files --------------------------------------------------------------------------------------------------

async function upload(place, files) {
  const status = place.querySelector("[role=status]")
  for (const file of files) {
    status.textContent = `Uploading ${file.name} …`
    const body = new FormData()
    body.append("file", file)
    const token = form.elements.csrfmiddlewaretoken.value
    const answer = await fetch(place.dataset.upload, { method: "POST", body, headers: { "X-CSRFToken": token } })
    const made = await answer.json().catch(() => ({ fault: `${answer.status}` }))
    if (!answer.ok) { status.textContent = `${file.name}: ${made.fault}`; return }
    const item = document.createElement("li"), id = document.createElement("input"), button = document.createElement("button")
    Object.assign(id, { type: "hidden", name: place.dataset.files, value: made.id })
    Object.assign(button, { type: "button", className: "quiet", textContent: "×" })
    button.dataset.remove = ""
    button.setAttribute("aria-label", `Remove ${made.name}`)
    item.append(id, `${made.name} `, button)
    place.querySelector("ul").append(item)
    status.textContent = `${made.name} is attached.`
  }
}

// -- the form -----------------------------------------------------------------------------------------------

form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(form.querySelector(".buttons button")) }
  else if (event.target.dataset?.choices && choose(event)) return
  else move(event)
})
form.addEventListener("input", (event) => {
  if (event.target.dataset.choices) {
    event.target.dataset.typed = "1"
    if (event.target.value.trim()) offer(event.target)
    else close()
  }
  sum(event.target.closest("[data-rows]"))
})
form.addEventListener("change", (event) => {
  if (event.target.type === "file") { upload(event.target.closest("[data-files]"), event.target.files); event.target.value = "" }
  for (const rows of document.querySelectorAll("[data-rows]")) sum(rows)
})
form.addEventListener("focusout", (event) => {
  if (event.target.dataset?.choices) { close(); settle(event.target) }
})
form.addEventListener("paste", paste)
form.addEventListener("click", (event) => {
  const { target } = event, rows = target.closest("[data-rows]")
  if (target.matches("[data-add]")) focus(fields(add(rows))[0])
  else if (target.matches("[data-all]")) {
    target.setAttribute("aria-expanded", String(rows.classList.toggle("all")))
    ready(rows)
  } else if (target.matches("[data-files] [data-remove]")) target.closest("li").remove()
  else if (target.matches("[data-remove]")) remove(target.closest("tr"))
})
for (const place of document.querySelectorAll("[data-files]")) {
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over") })
  place.addEventListener("dragleave", () => place.classList.remove("over"))
  place.addEventListener("drop", (event) => {
    event.preventDefault()
    place.classList.remove("over")
    upload(place, event.dataTransfer.files)
  })
}
// Empty cells are not sent: a thousand lines have many.
form.addEventListener("formdata", (event) => {
  for (const rows of document.querySelectorAll("[data-rows]")) {
    for (const [name, value] of [...event.formData]) if (value === "" && name.startsWith(`${rows.dataset.rows}-`)) event.formData.delete(name)
  }
})

for (const rows of document.querySelectorAll("[data-rows]")) ready(rows)
for (const input of form.querySelectorAll("[data-choices]")) {
  if (input.offsetParent !== null) source(input.dataset.choices).then(({ rows }) => input.value && hint(input, rows.find((row) => row.text === input.value)) || sum(input.closest("[data-rows]")))
}
const firstFault = form.querySelector(".entry:not([hidden]) .fault")
focus(firstFault?.parentElement.querySelector("input, select, textarea") ??
  form.querySelector(".buttons [autofocus]") ?? form.querySelector(".entry-fields :is(input, select, textarea):not([type=hidden])"))
