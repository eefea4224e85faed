// Choosing what to link to and which picture to show, in a dialog above the form.
import { getJson, later, make, postForm } from "./talk.js";
import { mayLink } from "./schema.js";

let numbers = 0;

function open(title, parts, buttons) {
  const id = `dialog-${++numbers}`;
  const dialog = make("dialog", { class: "picker", "aria-labelledby": id });
  const cancel = make("button", { type: "button", class: "button button-quiet", onclick: () => dialog.close() }, buttons.cancel);
  const form = make("form", { method: "dialog" }, make("h2", { id }, title), ...parts, make("div", { class: "actions" }, ...buttons.all, cancel));
  dialog.append(form);
  document.body.append(dialog);
  const done = new Promise((resolve) => {
    dialog.answer = (value) => {
      dialog.value = value;
      dialog.close();
    };
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.value ?? null);
    });
  });
  dialog.showModal();
  return { dialog, form, done };
}

const labelled = (text, field) => make("label", { class: "picker-field" }, make("span", {}, text), field);

export async function chooseLink(words, now, wantsWords) {
  const list = make("ul", { class: "picker-list", role: "listbox" });
  const search = make("input", { type: "search", maxlength: 200 });
  const outside = make("input", { type: "text", inputmode: "url", value: now.startsWith("item:") ? "" : now, placeholder: "https://" });
  const text = make("input", { type: "text", maxlength: 200 });
  const problem = make("p", { class: "field-error", role: "alert" });
  const set = make("button", { type: "submit", class: "button button-primary" }, words.linkSet);
  const remove = make("button", { type: "button", class: "button button-danger" }, words.linkRemove);
  const parts = [labelled(words.linkSearch, search), list, labelled(words.linkOutside, outside), ...(wantsWords ? [labelled(words.linkWords, text)] : []), problem];
  const { dialog, form, done } = open(words.linkTitle, parts, { all: now ? [set, remove] : [set], cancel: words.cancel });
  remove.addEventListener("click", () => dialog.answer({ href: "" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const href = outside.value.trim();
    if (href && mayLink(href)) dialog.answer({ href, words: text.value.trim() });
    else problem.textContent = words.linkBad;
  });
  const take = (item) => dialog.answer({ href: `item:${item.uid}`, words: text.value.trim() || item.title });
  const find = () => fillItems(list, search.value, words, take);
  search.addEventListener("input", later(250, find));
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  find();
  return done;
}

async function fillItems(list, text, words, take) {
  let found;
  try {
    found = (await getJson(`/work/pick/items?q=${encodeURIComponent(text)}`)).items;
  } catch {
    found = [];
  }
  const entries = found.map((item) => {
    const state = item.public ? "" : ` · ${words.notPublic}: ${item.state}`;
    const button = make("button", { type: "button" }, make("b", {}, item.title), make("span", {}, item.kind + state));
    button.addEventListener("click", () => take(item));
    return make("li", {}, button);
  });
  list.replaceChildren(...(entries.length ? entries : [make("li", { class: "muted" }, words.nothing)]));
}

export async function choosePicture(words, now = null, plain = false) {
  const upload = make("input", { type: "file", accept: "image/*" });
  const search = make("input", { type: "search", maxlength: 100 });
  const grid = make("ul", { class: "picker-grid" });
  const alt = make("input", { type: "text", maxlength: 200, value: now?.alt ?? "" });
  const caption = make("input", { type: "text", maxlength: 200 });
  const problem = make("p", { class: "field-error", role: "alert" });
  const insert = make("button", { type: "submit", class: "button button-primary", disabled: !now }, words.pictureInsert);
  const remove = make("button", { type: "button", class: "button button-danger" }, words.pictureRemove);
  const more = plain ? [] : [labelled(words.pictureAlt, alt), ...(now ? [] : [labelled(words.pictureCaption, caption)])];
  const parts = [labelled(words.pictureUpload, upload), labelled(words.pictureSearch, search), grid, ...more, problem];
  const { dialog, form, done } = open(words.pictureTitle, parts, { all: now ? [insert, remove] : [insert], cancel: words.cancel });
  let chosen = now ? { uid: now.uid } : null;
  const choose = (file, button) => {
    chosen = file;
    insert.disabled = false;
    if (!alt.value) alt.value = file.alt ?? "";
    grid.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    if (plain) dialog.answer(file);
  };
  remove.addEventListener("click", () => dialog.answer({ remove: true }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (chosen) dialog.answer({ ...chosen, alt: alt.value.trim(), caption: caption.value.trim() });
  });
  upload.addEventListener("change", async () => {
    const body = new FormData();
    body.set("file", upload.files[0]);
    problem.textContent = "";
    try {
      const file = await postForm("/work/upload", body);
      const button = tile(file, choose);
      grid.prepend(make("li", {}, button));
      choose(file, button);
    } catch (error) {
      problem.textContent = error.constructor === Error ? words.uploadFailed : error.message || words.signedOut;
    }
  });
  const find = async () => {
    const found = await getJson(`/work/pick/files?q=${encodeURIComponent(search.value)}`).catch(() => ({ files: [] }));
    grid.replaceChildren(...found.files.map((file) => make("li", {}, tile(file, choose))));
  };
  search.addEventListener("input", later(250, find));
  find();
  return done;
}

function tile(file, choose) {
  const image = make("img", { src: file.thumb, alt: file.alt || file.name, loading: "lazy" });
  const button = make("button", { type: "button", title: file.name, "aria-pressed": "false" }, image);
  button.addEventListener("click", () => choose(file, button));
  return button;
}
