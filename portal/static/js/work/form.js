// The form of an item: the editor, rows, pictures, preview; what is typed is kept on the server while typing.
import { keepTyping } from "./autosave.js";
import { watchOutlines } from "./outline.js";
import { watchPictures } from "./pictures.js";
import { watchPreview } from "./preview.js";
import { mountRich } from "./rich.js";
import { watchRows } from "./rows.js";
import { fill } from "./talk.js";

const form = document.querySelector("form.edit-form");
const words = JSON.parse(form.dataset.words);

// Enter in a line would press a button that nobody looked at; only buttons send this form.
form.addEventListener("keydown", (event) => {
  const line = event.target instanceof HTMLInputElement && !["checkbox", "radio", "file", "submit"].includes(event.target.type);
  if (event.key === "Enter" && line) event.preventDefault();
});

function countCharacters(field) {
  const limit = Number(field.dataset.limit);
  const note = document.createElement("p");
  note.className = "hint counted";
  note.hidden = true;
  field.after(note);
  const show = () => {
    const count = [...field.value].length;
    note.hidden = count < limit * 0.8;
    note.textContent = fill(words.tooLong, { count, limit });
    note.classList.toggle("counted-over", count > limit);
  };
  field.addEventListener("input", show);
  show();
}

form.querySelectorAll("[data-limit]").forEach(countCharacters);
watchRows(form, words);
watchOutlines(form);
const keeper = keepTyping(form, words);
const preview = watchPreview(form, words);
const changed = () => {
  keeper.changed();
  preview.changed();
};
form.addEventListener("input", changed);
form.addEventListener("change", changed);
watchPictures(form, words, changed);
await mountRich(form, words, changed);
form.dataset.ready = "";
