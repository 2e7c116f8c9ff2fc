// The socket of the dashboard: opened, kept, opened again. The state that it shows is always one that the server has sent
// whole, or one with a change that was made from this very state; anything else is fetched again.
import { parse } from "./shown.js"

const FIRST_WAIT_MS = 500, LONGEST_WAIT_MS = 30_000
const ASK_EVERY_MS = 20_000, ANSWER_WITHIN_MS = 10_000
const RENEW_BEFORE_MS = 60_000
const OVER = { 4401: true, 4403: true }

export function connect({ tenant, socket: address, kiosk, csrf, show, link }) {
  let socket = null, state = null, tag = null, wait = FIRST_WAIT_MS, timer = 0, watch = 0, token = null, since = null
  let isFirst = true

  function take(body, etag) {
    state = body
    tag = etag
    since = new Date()
    show(state, isFirst)
    isFirst = false
  }

  // A token for this tenant's dashboard, renewed before it ends; a kiosk's link is its token.
  async function credential() {
    if (kiosk !== undefined) return decodeURIComponent(location.pathname.split("/").at(-1))
    if (token && token.until - Date.now() > RENEW_BEFORE_MS) return token.access
    const response = await fetch("/dashboard/token", {
      method: "POST", body: new URLSearchParams({ tenant }), headers: { "X-CSRFToken": csrf },
    })
    if ([401, 403, 404].includes(response.status)) throw new Error("over")
    if (!response.ok) throw new Error(String(response.status))
    const made = await response.json()
    token = { access: made.access, until: Date.now() + made.expires_in * 1000 }
    return token.access
  }

  // Over plain HTTP, for as long as there is no socket: the same state, if the API is there.
  async function fetched() {
    const headers = { Authorization: `Bearer ${await credential()}` }
    if (tag) headers["If-None-Match"] = tag
    const response = await fetch("/v1/dashboard", { headers, cache: "no-store" })
    if (response.status === 401) { token = null; throw new Error(kiosk === undefined ? "401" : "over") }
    if (response.ok) take(parse(await response.text()), response.headers.get("ETag"))
  }

  function receive(text) {
    const message = parse(text)
    if (message.type === "state") {
      live()
      take(message.data, message.etag)
    } else if (message.type === "changed") {
      if (message.from === tag) take({ ...state, ...message.changed }, message.etag)
      else ask()
    }
  }

  const ask = () => socket.send(JSON.stringify({ type: "watch", name: "dashboard" }))

  function live() {
    wait = FIRST_WAIT_MS
    link("live", "Live")
  }

  async function open() {
    clearTimeout(timer)
    let mine
    try {
      const access = await credential()
      mine = socket = new WebSocket(address)
      mine.onopen = () => { mine.send(JSON.stringify({ type: "auth", token: access })); ask() }
      mine.onmessage = (event) => { heard(); if (mine === socket) receive(event.data) }
      mine.onclose = (event) => mine === socket && closed(event.code)
      heard()
    } catch (fault) {
      closed(fault.message === "over" ? 4403 : 0)
    }
  }

  // A connection can be gone without a word, so it is asked, and given up when nothing comes.
  function heard() {
    clearTimeout(watch)
    watch = setTimeout(() => {
      if (socket?.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}')
      watch = setTimeout(() => drop(), ANSWER_WITHIN_MS)
    }, ASK_EVERY_MS)
  }

  function drop() {
    const gone = socket
    socket = null
    gone?.close()
    closed(0)
  }

  async function closed(code) {
    clearTimeout(watch)
    socket = null
    if (code === 4401 && kiosk === undefined) token = null // it ran out: with the next one all goes on
    else if (OVER[code]) return over()
    if (code === 4401 && wait === FIRST_WAIT_MS) { wait *= 2; return open() }
    const seconds = Math.round(wait / 1000)
    const figures = since ? `figures of ${since.toLocaleTimeString("en-GB")}, ` : ""
    link("away", "Disconnected", `${figures}trying again${seconds > 1 ? ` in ${seconds} s` : ""}`)
    timer = setTimeout(open, wait * (0.75 + Math.random() / 2))
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    try { await fetched() } catch (fault) { if (fault.message === "over") { clearTimeout(timer); over() } }
  }

  function over() {
    link("over", kiosk === undefined ? "You are signed out; reload the page to sign in" : "This link has been revoked or has expired")
  }

  const now = () => { wait = FIRST_WAIT_MS; open() }
  addEventListener("online", () => socket || now())
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && !socket && now())
  link("still", "Connecting …")
  open()
  return { now }
}
