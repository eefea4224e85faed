// A list of the back office: fold the filters away on a phone, tick all rows at once, change a value where it stands.
import { later, make } from "../work/talk.js";

const filters = document.querySelector(".office-filters[data-folds]");
if (filters && matchMedia("(max-width: 40rem)").matches) filters.open = false;

const form = document.querySelector(".office-rows");
const all = form?.querySelector("[data-all]");
const ticks = () => [...form.querySelectorAll("input[name=key]")];

if (all) {
  all.hidden = false;
  const look = () => {
    const ticked = ticks().filter((one) => one.checked).length;
    all.checked = ticked > 0 && ticked === ticks().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    for (const one of ticks()) one.checked = all.checked;
  });
  form.addEventListener("change", (event) => event.target.name === "key" && look());
  addEventListener("pageshow", look);
}

const token = () => form.querySelector("input[name=csrf_token]").value;

class Cell {
  constructor(place) {
    this.place = place;
    this.row = place.closest("tr");
    this.opener = place.querySelector(".inplace-open");
    this.words = place.querySelector(".inplace-words");
  }

  open() {
    const kept = form.querySelector(`template[data-control="${this.place.dataset.column}"]`);
    this.input = kept.dataset.input;
    this.control = kept.content.firstElementChild.cloneNode(true);
    this.control.value = this.place.dataset.value;
    this.said = make("span", { class: "inplace-said", role: "alert" });
    const save = make("button", { type: "button", class: "button button-small", onclick: () => this.save() }, form.dataset.save);
    const back = make("button", { type: "button", class: "button button-small button-quiet", onclick: () => this.close() }, form.dataset.back);
    this.editor = make("span", { class: "inplace-editor" }, this.control, save, back, this.said);
    this.editor.addEventListener("keydown", (event) => this.key(event));
    this.words.hidden = this.opener.hidden = true;
    this.place.append(this.editor);
    this.control.focus();
    this.control.select?.();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && event.target === this.control) {
      event.preventDefault();
      this.save();
    }
  }

  close() {
    this.editor.remove();
    this.words.hidden = this.opener.hidden = false;
    this.opener.focus();
  }

  async save() {
    if (this.busy) return;
    this.busy = true;
    this.said.textContent = "";
    try {
      const body = new FormData();
      body.set("value", this.control.value);
      body.set("version", this.row.dataset.version);
      const address = new URL(this.opener.href).pathname.replace(/edit$/, `cell/${this.input}`);
      const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token(), Accept: "application/json" }, body });
      if (!answer.headers.get("Content-Type")?.includes("json")) throw new Error(String(answer.status));
      const told = await answer.json();
      if (answer.ok) this.shown(told);
      else this.refuse(told.error);
    } catch {
      this.refuse(form.dataset.failed);
    } finally {
      this.busy = false;
    }
  }

  refuse(text) {
    this.said.textContent = text;
    this.control.setAttribute("aria-invalid", "true");
    this.control.focus();
  }

  // All values of the row as they are now; the words come from our own server, escaped there.
  shown(told) {
    this.row.dataset.version = told.version;
    for (const place of this.row.querySelectorAll(".inplace")) {
      const name = place.dataset.column;
      place.dataset.value = told.values[name] ?? place.dataset.value;
      const words = new DOMParser().parseFromString(told.cells[name] || "–", "text/html").body;
      place.querySelector(".inplace-words").replaceChildren(...words.childNodes);
    }
    this.close();
    const note = make("span", { class: "inplace-done", role: "status" }, `✓ ${form.dataset.saved}`);
    this.place.append(note);
    later(2500, () => note.remove())();
  }
}

if (form?.hasAttribute("data-inplace")) {
  form.addEventListener("click", (event) => {
    const opener = event.target.closest(".inplace-open");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    new Cell(opener.closest(".inplace")).open();
  });
}
