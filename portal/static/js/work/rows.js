// Rows of a table in the form: more of them, and taking one out, without a round to the server.
import { make } from "./talk.js";

export function watchRows(form, words) {
  for (const field of form.querySelectorAll("[data-rows]")) {
    const list = field.querySelector(".row-list");
    const template = field.querySelector("template");
    let next = list.children.length;
    [...list.children].forEach((row) => equip(row, words));
    field.querySelector("[data-more-rows]").addEventListener("click", (event) => {
      event.preventDefault();
      const html = template.innerHTML.replaceAll("__n__", String(next++));
      list.insertAdjacentHTML("beforeend", html);
      equip(list.lastElementChild, words);
      list.lastElementChild.querySelector("input")?.focus();
    });
  }
}

function equip(row, words) {
  const box = row.querySelector(".row-gone");
  box.hidden = true;
  const button = make("button", { type: "button", class: "icon-button row-out", title: words.removeRow, "aria-label": words.removeRow }, "✕");
  button.addEventListener("click", () => {
    box.querySelector("input").checked = true;
    row.hidden = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
  row.append(button);
}
