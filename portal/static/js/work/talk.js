// Talking to the server from a form: the token in a header, errors as words for the reader.

export class Refused extends Error {}
export class SignedOut extends Error {}

const token = () => document.querySelector("input[name=csrf_token]")?.value ?? "";

async function answer(response) {
  const json = response.headers.get("Content-Type")?.includes("json");
  if (response.redirected || (!json && [400, 401, 403].includes(response.status))) throw new SignedOut();
  if (response.ok) return json ? response.json() : response.text();
  if (json) throw new Refused((await response.json()).error);
  throw new Error(String(response.status));
}

export async function getJson(address) {
  return answer(await fetch(address, { headers: { Accept: "application/json" } }));
}

export async function postJson(address, value, keepalive = false) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" };
  return answer(await fetch(address, { method: "POST", headers, body: JSON.stringify(value), keepalive }));
}

export async function postForm(address, body) {
  return answer(await fetch(address, { method: "POST", headers: { "X-CSRFToken": token() }, body }));
}

// The fields of a form as pairs of texts, without files and without the token.
export function pairsOf(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

// An element with attributes ("on…" adds a listener) and children.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function later(wait, act) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}
