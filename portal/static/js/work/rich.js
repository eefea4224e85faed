// The editor in place of the plain text area; where its module cannot run, the text area with Markdown stays.
import { chooseLink, choosePicture } from "./pickers.js";
import { extensions, loaded, stored } from "./schema.js";
import { fill, make, postForm, postJson } from "./talk.js";
import { toolbar } from "./toolbar.js";

export async function mountRich(form, words, changed) {
  const fields = [...form.querySelectorAll("[data-rich]")];
  if (!fields.length || !form.dataset.editor) return;
  let tiptap;
  try {
    tiptap = await import(form.dataset.editor);
  } catch {
    form.querySelector("[data-status]").textContent = words.plainEditor;
    return;
  }
  fields.forEach((field) => mount(field, tiptap, words, changed));
}

function mount(field, tiptap, words, changed) {
  const area = field.querySelector("textarea[name]");
  const format = field.querySelector("input[name$='.format']");
  const label = field.querySelector("label");
  const start = field.querySelector("[data-html]").value;
  const host = make("div", { class: "rich-editor" });
  area.after(host);
  let last = null;
  const editor = new tiptap.Editor({
    element: host,
    injectCSS: false,
    extensions: extensions(tiptap),
    content: loaded(start),
    editorProps: {
      attributes: { class: "prose rich-text", lang: area.lang, role: "textbox", "aria-multiline": "true", "aria-labelledby": label.id },
      // Before the editor itself reads it: styles of Word must not even be parsed here.
      handleDOMEvents: {
        paste: (view, event) => take(event.clipboardData, event),
        drop: (view, event) => !view.dragging && dropped(view, event),
      },
    },
    onUpdate: note,
  });
  last = stored(editor);
  area.value = start;
  format.value = "html";
  area.hidden = true;
  field.classList.add("rich-on");
  label.addEventListener("click", () => editor.commands.focus());

  function note() {
    const html = stored(editor);
    if (html === last) return;
    last = html;
    area.value = html;
    changed();
  }

  // Pictures are uploaded; what comes from Word or the web is first brought into our shape by the server.
  function take(data, event) {
    const html = data?.getData("text/html") ?? "";
    const text = wordsOf(html);
    const files = [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length && !text) {
      event.preventDefault();
      files.forEach((file) => upload(file));
      return true;
    }
    if (!html || html.includes("data-pm-slice")) return false;
    event.preventDefault();
    const plain = data.getData("text/plain") || text;
    postJson("/work/paste", { html })
      .then((answer) => editor.chain().focus().insertContent(loaded(answer.html)).run())
      .catch(() => editor.chain().focus().insertContent(paragraphs(plain)).run());
    return true;
  }

  function dropped(view, event) {
    const place = view.posAtCoords({ left: event.clientX, top: event.clientY });
    if (place) editor.commands.setTextSelection(place.pos);
    return take(event.dataTransfer, event);
  }

  async function upload(file) {
    const body = new FormData();
    body.set("file", file);
    bar.say(fill(words.uploading, { name: file.name }));
    try {
      insert(await postForm("/work/upload", body));
      bar.say("");
    } catch (error) {
      bar.say(error.constructor === Error ? words.uploadFailed : error.message || words.signedOut, true);
    }
  }

  function insert(file) {
    const image = { type: "image", attrs: { uid: file.uid, alt: file.alt ?? "" } };
    const content = file.caption ? { type: "figure", content: [image, { type: "caption", content: [{ type: "text", text: file.caption }] }] } : image;
    editor.chain().focus().insertContent(content).run();
  }

  async function link() {
    const { from, to } = editor.state.selection;
    const now = editor.getAttributes("link").href ?? "";
    const chosen = await chooseLink(words, now, from === to && !now);
    if (!chosen) return editor.commands.focus();
    const chain = editor.chain().focus();
    if (!chosen.href) return chain.extendMarkRange("link").unsetLink().run();
    if (from === to && !now) {
      const text = chosen.words || chosen.href;
      return chain.insertContent({ type: "text", text, marks: [{ type: "link", attrs: { href: chosen.href } }] }).unsetMark("link").run();
    }
    return chain.extendMarkRange("link").setLink({ href: chosen.href }).run();
  }

  async function picture() {
    const selected = editor.isActive("image") ? editor.getAttributes("image") : null;
    const chosen = await choosePicture(words, selected);
    if (!chosen) return editor.commands.focus();
    if (chosen.remove) return editor.chain().focus().deleteSelection().run();
    if (selected && chosen.uid === selected.uid) return editor.chain().focus().updateAttributes("image", { alt: chosen.alt }).run();
    return insert(chosen);
  }

  const bar = toolbar(editor, words, { link, picture });
  host.prepend(bar.element);
  watchConversion(field, editor);
}

// The words of some HTML, without parsing a single style of it.
function wordsOf(html) {
  return html
    .replace(/<(style|script|head|xml)\b[\s\S]*?<\/\1>/gi, " ")
    .replace(/<!--[\s\S]*?-->/g, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&nbsp;/g, " ")
    .trim();
}

const paragraphs = (text) =>
  text.split(/\n+/).filter((line) => line.trim()).map((line) => ({ type: "paragraph", content: [{ type: "text", text: line.trim() }] }));

// "Begin with the automatic conversion": its text becomes the editor's.
function watchConversion(field, editor) {
  const frame = field.closest("[data-conversion]");
  const button = frame?.querySelector("[data-take-conversion]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    editor.commands.setContent(loaded(frame.querySelector("[data-converted]").value), { emitUpdate: true });
    editor.commands.focus();
  });
}
