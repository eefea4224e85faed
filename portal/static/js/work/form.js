// The form of an item: the editor, rows, pictures, preview; what is typed is kept on the server while typing.
import { countCharacters } from "../counting.js";
import { keepTyping } from "./autosave.js";
import { watchOutlines } from "./outline.js";
import { watchPictures } from "./pictures.js";
import { watchPreview } from "./preview.js";
import { mountRich } from "./rich.js";
import { watchRows } from "./rows.js";

const form = document.querySelector("form.edit-form");
const words = JSON.parse(form.dataset.words);

// Enter in a line would press a button that nobody looked at; only buttons send this form.
form.addEventListener("keydown", (event) => {
  const line = event.target instanceof HTMLInputElement && !["checkbox", "radio", "file", "submit"].includes(event.target.type);
  if (event.key === "Enter" && line) event.preventDefault();
});

form.querySelectorAll("[data-limit]").forEach((field) => countCharacters(field, words.tooLong));
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
