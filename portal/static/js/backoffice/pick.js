// Looking a record up by typed words: suggestions under the field (ARIA combobox). Without this a button does it.
import { getJson, later, make } from "../work/talk.js";

class Pick {
  constructor(box) {
    this.box = box;
    this.field = box.querySelector("input[type=search]");
    this.button = box.querySelector("button[name=look]");
    this.found = box.querySelector(".pick-found");
    this.list = make("ul", { class: "pick-list", role: "listbox", id: `${this.field.id}-list`, hidden: true, "aria-label": this.field.getAttribute("aria-label") });
    this.said = make("span", { class: "unseen", role: "status" });
    const frame = this.field.parentElement;
    frame.classList.add("pick-frame");
    frame.append(this.list, this.said);
    this.button.hidden = true;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) this.field.setAttribute(name, value);
    const ask = later(200, () => this.ask());
    this.field.addEventListener("input", (event) => event.isComposing || ask());
    this.field.addEventListener("compositionend", ask);
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  options() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  async ask() {
    const words = this.field.value.trim();
    if (!words) return this.close();
    let answer;
    try {
      answer = await getJson(`${this.box.dataset.pick}?q=${encodeURIComponent(words)}`);
    } catch {
      this.button.hidden = false; // the way that needs no script
      return;
    }
    if (words !== this.field.value.trim()) return;
    this.list.replaceChildren(
      ...answer.found.map((one, place) =>
        make("li", { role: "option", id: `${this.list.id}-${place}`, "data-key": one.key, "data-content": true }, one.label),
      ),
    );
    const none = answer.found.length === 0;
    if (none) this.list.append(make("li", { class: "pick-none" }, this.box.dataset.none));
    this.said.textContent = none ? this.box.dataset.none : this.box.dataset.some;
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", String(!none));
    this.mark(null);
  }

  mark(option) {
    for (const one of this.options()) one.setAttribute("aria-selected", String(one === option));
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing) return;
    const options = this.options();
    const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.ask();
      else if (options.length) this.mark(options[(at + (event.key === "ArrowDown" ? 1 : options.length - (at < 0 ? 0 : 1))) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (options.length && !this.list.hidden) this.choose(options[Math.max(at, 0)]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  choose(option) {
    const name = this.box.dataset.name;
    for (const radio of this.found.querySelectorAll("input[type=radio]")) if (radio.value !== "") radio.closest("label").remove();
    const radio = make("input", { type: "radio", name, value: option.dataset.key });
    const label = make("label", {}, radio, " ", make("span", { "data-content": true }, option.textContent));
    this.found.prepend(label);
    radio.checked = true;
    this.field.value = "";
    this.close();
    this.said.textContent = option.textContent;
    this.box.classList.remove("field-wrong");
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}

for (const box of document.querySelectorAll("[data-pick]")) new Pick(box);
