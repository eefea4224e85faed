// What was typed is kept on this device until it is sent, for a day at most; never files, never another person's.
const PREFIX = "lianxi.draft.";
const DAY = 24 * 3600 * 1000;

function read(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name));
    return found && Date.now() - found.at < DAY ? found.fields : null;
  } catch {
    return null;
  }
}

export function forgetDrafts(category) {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(`${PREFIX}${category}.`)) localStorage.removeItem(name);
    }
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

function fieldsOf(form) {
  const found = {};
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && !["csrf_token", "key", "do"].includes(name)) found[name] = value;
  }
  return found;
}

function putBack(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else if (field.type !== "file" && field.type !== "hidden") field.value = value;
    }
  }
}

export function keepDraft(form, words) {
  const name = PREFIX + form.dataset.draft;
  const state = form.querySelector("[data-draft-state]");
  const empty = JSON.stringify(fieldsOf(form));
  const kept = "fresh" in form.dataset ? read(name) : null;
  if (kept && JSON.stringify(kept) !== empty) {
    const before = fieldsOf(form);
    putBack(form, kept);
    const note = document.createElement("div");
    note.className = "flash flash-note";
    note.setAttribute("role", "status");
    const text = document.createElement("p");
    text.textContent = words.restored;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button button-small";
    again.textContent = words.afresh;
    again.addEventListener("click", () => {
      localStorage.removeItem(name);
      form.reset();
      putBack(form, before);
      note.remove();
      form.dispatchEvent(new Event("input", { bubbles: true }));
      localStorage.removeItem(name);
    });
    note.append(text, again);
    form.before(note);
  }
  form.addEventListener("input", () => {
    try {
      localStorage.setItem(name, JSON.stringify({ at: Date.now(), fields: fieldsOf(form) }));
      state.textContent = words.kept;
    } catch {
      state.textContent = "";
    }
  });
}
