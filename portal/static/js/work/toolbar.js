// The buttons above the editor: words, not riddles; arrows move between them, each says whether it is on.
import { make } from "./talk.js";

export function toolbar(editor, words, { link, picture }) {
  const chain = () => editor.chain().focus();
  const buttons = [];

  function button(name, act, active = null) {
    const one = make("button", { type: "button", class: `tool tool-${name}`, tabindex: "-1", title: words[name] }, words[name]);
    one.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays where it is
    one.addEventListener("click", act);
    buttons.push({ one, active });
    return one;
  }
  const group = (...parts) => make("span", { class: "tools" }, ...parts);

  const inTable = group(
    button("addRow", () => chain().addRowAfter().run()),
    button("addColumn", () => chain().addColumnAfter().run()),
    button("headRow", () => chain().toggleHeaderRow().run()),
    button("deleteRow", () => chain().deleteRow().run()),
    button("deleteColumn", () => chain().deleteColumn().run()),
    button("deleteTable", () => chain().deleteTable().run()),
  );
  inTable.classList.add("tools-table");
  const tableButtons = buttons.splice(0);
  const note = make("span", { class: "tool-note", role: "status" });
  const element = make(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": words.toolbar },
    group(
      button("paragraph", () => chain().setParagraph().run(), () => editor.isActive("paragraph")),
      button("heading2", () => chain().toggleHeading({ level: 2 }).run(), () => editor.isActive("heading", { level: 2 })),
      button("heading3", () => chain().toggleHeading({ level: 3 }).run(), () => editor.isActive("heading", { level: 3 })),
    ),
    group(
      button("bold", () => chain().toggleBold().run(), () => editor.isActive("bold")),
      button("underline", () => chain().toggleUnderline().run(), () => editor.isActive("underline")),
      button("bulletList", () => chain().toggleBulletList().run(), () => editor.isActive("bulletList")),
      button("orderedList", () => chain().toggleOrderedList().run(), () => editor.isActive("orderedList")),
      button("blockquote", () => chain().toggleBlockquote().run(), () => editor.isActive("blockquote")),
    ),
    group(
      button("link", link, () => editor.isActive("link")),
      button("picture", picture, () => editor.isActive("image")),
      button("table", () => chain().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(), () => editor.isActive("table")),
    ),
    group(
      button("clear", () => chain().unsetAllMarks().clearNodes().run()),
      button("undo", () => chain().undo().run()),
      button("redo", () => chain().redo().run()),
    ),
    inTable,
    note,
  );
  buttons.push(...tableButtons);

  function show() {
    inTable.hidden = !editor.isActive("table");
    for (const { one, active } of buttons) {
      if (active) one.setAttribute("aria-pressed", String(Boolean(active())));
    }
    const can = editor.can();
    element.querySelector(".tool-undo").disabled = !can.undo();
    element.querySelector(".tool-redo").disabled = !can.redo();
  }
  editor.on("transaction", show);
  show();
  roam(element);

  return {
    element,
    say(text, bad = false) {
      note.textContent = text;
      note.classList.toggle("tool-note-bad", bad);
    },
  };
}

// One stop of the Tab key for the whole bar; arrows go on from there.
function roam(element) {
  const open = () => [...element.querySelectorAll("button")].filter((one) => one.offsetParent && !one.disabled);
  element.querySelector("button").tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const all = open();
    const at = all.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    all[at].tabIndex = -1;
    const next = all[(at + step + all.length) % all.length];
    next.tabIndex = 0;
    next.focus();
  });
}
