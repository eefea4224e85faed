// Small comforts; every page works without them.
import "./clauses.js";
import "./aloud.js";

// While an input method is composing, Enter chooses a word and must not send the form.
let composedAt = 0;
document.addEventListener("compositionend", (event) => {
  composedAt = event.timeStamp;
});
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    // Safari ends the composition before it reports the key.
    const justComposed = event.timeStamp - composedAt < 60;
    if (event.isComposing || event.keyCode === 229 || (justComposed && composedAt > 0)) event.preventDefault();
  },
  true,
);

// A press on "/" goes to the search field, as in a paper register one turns to the index.
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("#search-q, #library-q, #quick-q");
  if (field instanceof HTMLInputElement && field.offsetParent) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// A form that was sent cannot be sent a second time by a double tap.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  // A failed connection or the way back must not leave it dead.
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// The first problem of a refused form gets the focus.
document.querySelector(".error-summary")?.focus();
