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

async function ask() {
  const variables = at("variables").value.trim() || "{}"
  try { JSON.parse(variables) } catch (fault) { at("status").textContent = `The variables are no JSON: ${fault.message}`; return }
  at("status").textContent = "Asking …"
  const began = performance.now()
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${at("credential").value.trim()}` },
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
