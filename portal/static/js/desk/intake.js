// Recording a matter: the form of the chosen category, the home and what sounds alike are fetched while typing.
import { later, postForm } from "../work/talk.js";

const form = document.querySelector("form.intake");
const part = (name) => form.querySelector(`[data-part="${name}"]`);
document.documentElement.classList.add("with-script");
form.querySelector("[data-keys]").hidden = false;

function body() {
  const sent = new FormData(form);
  sent.delete("papers"); // files wait until the form is sent
  return sent;
}

// An answer that a later question has overtaken is dropped; one that fails leaves what was there.
const asked = {};
async function ask(name, address, extra = {}) {
  const turn = (asked[name] = (asked[name] ?? 0) + 1);
  const sent = body();
  for (const [key, value] of Object.entries(extra)) sent.set(key, value);
  try {
    const answer = await postForm(address, sent);
    return turn === asked[name] && typeof answer === "string" ? answer : null;
  } catch {
    return null;
  }
}

async function similar() {
  const found = await ask("similar", "/desk/similar");
  if (found !== null) part("similar").innerHTML = found;
}

async function home() {
  const found = await ask("home", "/desk/household");
  if (found === null) return;
  part("home").innerHTML = found;
  const earlier = part("home").querySelector("template");
  if (earlier) part("earlier").replaceChildren(earlier.content);
}

// The fields of another category; what the two have in common keeps its words, also those typed meanwhile.
async function fields() {
  const page = await ask("fields", "/desk/new", { do: "category" });
  if (page === null) return;
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector('[data-part="fields"]');
  const typed = [...part("fields").querySelectorAll("[name]")].map((field) => [field.name, field.value]);
  const focused = document.activeElement?.closest?.('[data-part="fields"]') ? document.activeElement.name : "";
  part("fields").replaceChildren(...fresh.childNodes);
  for (const [name, value] of typed) {
    const field = part("fields").querySelector(`[name="${name}"]`);
    if (field && value) field.value = value;
    if (field && name === focused) field.focus();
  }
  similar();
}

const soon = { similar: later(400, similar), home: later(400, home), fields: later(60, fields) };
form.addEventListener("input", (event) => {
  const name = event.target.name;
  if (name === "household" || name === "caller_telephone") soon.home();
  if (["words", "place", "household"].includes(name)) soon.similar();
});
form.addEventListener("change", (event) => {
  if (event.target.name === "category") soon.fields();
  if (event.target.name === "community") soon.home();
});

// Who lives there: one press fills in who calls.
form.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-fill]");
  if (!button) return;
  event.preventDefault();
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fill))) form.elements[name].value = value;
  form.elements.caller_name.focus();
});

// All by keyboard: Ctrl and Enter record from anywhere; Enter in a line looks up and never sends.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('button[value="record"]'));
  } else if (event.target instanceof HTMLInputElement && event.target.type !== "file") {
    event.preventDefault();
    home();
    similar();
  }
});
form.dataset.ready = "";
