// Keeps the dashboard up to date, through the public API and the socket alone.
import { chart } from "./chart.js"
import { connect } from "./connection.js"
import { shown, size } from "./shown.js"

const at = (id) => document.getElementById(id)
const FIGURES = { cash: "Cash", receivables: "Receivables", overdue: "Overdue", revenue: "Revenue this month" }
const SPOKEN_AFTER_MS = 3000

const draw = chart(at("chart"), at("flow-table"))
let said = null, toSay = new Set(), speaking = 0

// Marks a figure that has changed; whoever wants less motion sees no mark (dashboard.css).
function mark(element) {
  element.classList.add("changed")
  setTimeout(() => element.classList.remove("changed"), 2000)
}

function put(element, text) {
  if (element.textContent === text) return false
  element.textContent = text
  return true
}

function fill(row, values) {
  for (const cell of row.querySelectorAll("[data-cell]")) {
    put(cell, values[cell.dataset.cell] ?? "")
    if (cell.dataset.cell === "status") cell.classList.toggle("late", Boolean(values.is_late))
  }
  return row
}

// Rows are replaced in place, so that a reader's position is kept; a row that was not there before is marked.
function list(name, rows, isFirst) {
  const body = document.querySelector(`[data-rows=${name}]`)
  const before = new Set(Array.from(body.rows, (row) => row.textContent))
  while (body.rows.length > rows.length) body.deleteRow(-1)
  rows.forEach((values, index) => {
    const there = body.rows[index] ?? body.appendChild(at(`row-${name}`).content.firstElementChild.cloneNode(true))
    fill(there, values)
    if (!isFirst && !before.has(there.textContent)) mark(there.cells[0].firstElementChild ?? there.cells[0])
  })
  for (const element of document.querySelectorAll(`[data-some=${name}]`)) element.hidden = rows.length === 0
  for (const element of document.querySelectorAll(`[data-none=${name}]`)) element.hidden = rows.length > 0
}

function ages(rows, isFirst) {
  for (const row of rows) {
    const line = document.querySelector(`[data-age=${row.name}]`)
    const cell = line.cells[1]
    if (put(cell, row.amount) && !isFirst) mark(cell)
    cell.classList.toggle("zero", row.is_zero)
    line.querySelector("rect").setAttribute("width", row.share)
  }
}

function show(body, isFirst = false) {
  const found = shown(body)
  for (const element of document.querySelectorAll("[data-shown]")) {
    const name = element.dataset.shown
    if ("size" in element.dataset) element.dataset.size = size(found[name])
    if (put(element, found[name]) && !isFirst && !["as_of", "today"].includes(name)) mark(element)
  }
  for (const name of ["accounts", "months", "foreign", "invoices", "payments", "entries"]) list(name, found[name], isFirst)
  ages(found.aging, isFirst)
  at("no-flow").hidden = found.has_flow
  draw(body.cash_flow, found.has_flow)
  say(found, body.currency)
}

// The figures that changed, once in a while and in one sentence, so that nobody is read every cent.
function say(found, currency) {
  if (said) for (const name of Object.keys(FIGURES)) if (found[name] !== said[name]) toSay.add(name)
  said = found
  if (!toSay.size || speaking) return
  speaking = setTimeout(() => {
    speaking = 0
    at("spoken").textContent = [...toSay].map((name) => `${FIGURES[name]} ${said[name]} ${currency}.`).join(" ")
    toSay.clear()
  }, SPOKEN_AFTER_MS)
}

// How the connection is, which is read out; since when and for how long it is gone, which is not.
function link(state, text, waiting = "") {
  at("link").dataset.link = state
  put(at("link"), text)
  put(at("waiting"), waiting)
  at("again").hidden = state !== "away"
}

const connection = connect({ ...document.body.dataset, csrf: document.querySelector("#sign-out input")?.value, show, link })
at("again").addEventListener("click", () => connection.now())
document.querySelector(".choose select")?.addEventListener("change", (event) => event.target.form.requestSubmit())
