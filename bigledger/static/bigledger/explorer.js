// Sends what is in the form and shows the answer as it came, so that amounts keep their digits. Nothing is kept.
const at = (id) => document.getElementById(id)

function indented(text) {
  // JSON.parse would round what is no double; only white space is added, outside of strings.
  let depth = 0, inside = false, found = ""
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]
    if (inside) {
      found += letter
      if (letter === "\\") found += text[++i]
      else if (letter === '"') inside = false
    } else if (letter === '"') { inside = true; found += letter }
    else if ("{[".includes(letter)) found += letter + ("}]".includes(text[i + 1]) ? "" : "\n" + "  ".repeat(++depth))
    else if ("}]".includes(letter)) found += ("{[".includes(text[i - 1]) ? "" : "\n" + "  ".repeat(--depth)) + letter
    else if (letter === ",") found += ",\n" + "  ".repeat(depth)
    else found += letter === ":" ? ": " : letter
  }
  return found
}

// For somebody who has signed in: a token for the chosen tenant, renewed before it ends, and held in memory alone.
const tokens = {}

async function credential() {
  const tenant = at("tenant")?.value
  if (!tenant) return at("credential").value.trim()
  if (tokens[tenant]?.until > Date.now()) return tokens[tenant].access
  const response = await fetch("/graphql/token", {
    method: "POST",
    headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
    body: new URLSearchParams({ tenant }),
  })
  if (!response.ok) throw new Error(response.status === 401 ? "your session has ended. Sign in again" : `${response.status}`)
  const made = await response.json()
  tokens[tenant] = { access: made.access, until: Date.now() + (made.expires_in - 60) * 1000 }
  return tokens[tenant].access
}

at("tenant")?.addEventListener("change", () => {
  at("key").hidden = Boolean(at("tenant").value)
  at("credential").required = !at("tenant").value
})

async function ask() {
  const variables = at("variables").value.trim() || "{}"
  try { JSON.parse(variables) } catch (fault) { at("status").textContent = `The variables are no JSON: ${fault.message}`; return }
  at("status").textContent = "Asking …"
  const began = performance.now()
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${await credential()}` },
      body: `{"query":${JSON.stringify(at("document").value)},"variables":${variables}}`,
      credentials: "omit",
    })
    at("answer").textContent = indented(await response.text())
    at("status").textContent = `${response.status}, ${Math.round(performance.now() - began)} ms`
  } catch (fault) { at("status").textContent = `No answer: ${fault.message}` }
}

at("ask").addEventListener("submit", (event) => { event.preventDefault(); ask() })
at("ask").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); at("ask").requestSubmit() }
})
