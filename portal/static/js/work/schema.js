// What the editor knows of a text: no more than the server keeps. Pictures and links are stored by their codes.

const FILE = /^(?:file:|\/files\/)([0-9a-f]{32})(?:\/\w+)?$/;
const LINK = /^(https?:\/\/[^\s/]|mailto:[^\s@]+@|tel:[+\d]|item:[0-9a-f]{32}(#|$)|#)/i;

export const mayLink = (address) => LINK.test(address.trim());

const uidOf = (element) => element?.getAttribute("src")?.match(FILE)?.[1] ?? null;

function picture(tiptap) {
  return tiptap.Node.create({
    name: "image",
    group: "block",
    draggable: true,
    addAttributes: () => ({
      uid: { default: null, rendered: false, parseHTML: uidOf },
      alt: { default: "", rendered: false, parseHTML: (element) => element.getAttribute("alt") ?? "" },
    }),
    parseHTML: () => [{ tag: "img[src]", getAttrs: (element) => (uidOf(element) ? null : false) }],
    renderHTML: ({ node }) => ["img", { src: `/files/${node.attrs.uid}/card`, alt: node.attrs.alt }],
  });
}

function figure(tiptap) {
  return tiptap.Node.create({
    name: "figure",
    group: "block",
    content: "image caption?",
    draggable: true,
    isolating: true,
    parseHTML: () => [{ tag: "figure", getAttrs: (element) => (uidOf(element.querySelector("img")) ? null : false) }],
    renderHTML: () => ["figure", 0],
  });
}

function caption(tiptap) {
  return tiptap.Node.create({
    name: "caption",
    content: "text*",
    marks: "",
    parseHTML: () => [{ tag: "figcaption" }],
    renderHTML: () => ["figcaption", 0],
  });
}

export function extensions(tiptap) {
  const plain = ["Document", "Paragraph", "Text", "HardBreak", "Bold", "Italic", "Underline", "Strike", "Subscript"];
  const more = ["Superscript", "Code", "CodeBlock", "Blockquote", "BulletList", "OrderedList", "ListItem"];
  const rest = ["HorizontalRule", "TableRow", "TableCell", "TableHeader", "UndoRedo", "Gapcursor", "Dropcursor"];
  return [
    ...[...plain, ...more, ...rest].map((name) => tiptap[name]).filter(Boolean),
    tiptap.History && !tiptap.UndoRedo ? tiptap.History : tiptap.Extension.create({ name: "nothing" }),
    tiptap.Heading.configure({ levels: [2, 3, 4] }),
    // Links do not grow while one types on: Chinese has no blank that would end them.
    tiptap.Link.extend({ addKeyboardShortcuts: () => ({}) }).configure({
      autolink: false,
      linkOnPaste: true,
      isAllowedUri: (address) => mayLink(address ?? ""),
    }),
    tiptap.Table.extend({ addNodeView: () => null }).configure({ resizable: false }),
    picture(tiptap),
    figure(tiptap),
    caption(tiptap),
  ];
}

// Stored HTML for the editor: a picture alone in its paragraph becomes the block that it is.
export function loaded(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const image of page.querySelectorAll("p > img:only-child")) {
    if (!image.parentElement.textContent.trim()) image.parentElement.replaceWith(image);
  }
  return page.body.innerHTML;
}

// The editor's HTML as it is stored: codes for pictures, no paragraph around the only words of a cell or an entry.
export function stored(editor) {
  if (editor.isEmpty) return "";
  const page = new DOMParser().parseFromString(editor.getHTML(), "text/html");
  for (const image of page.querySelectorAll("img")) image.setAttribute("src", `file:${uidOf(image)}`);
  for (const only of page.querySelectorAll("td > p:only-child, th > p:only-child, li > p:first-child")) {
    if (only.parentElement.querySelectorAll(":scope > p").length === 1) only.replaceWith(...only.childNodes);
  }
  for (const cell of page.querySelectorAll("[colspan='1'], [rowspan='1']")) {
    for (const name of ["colspan", "rowspan"]) if (cell.getAttribute(name) === "1") cell.removeAttribute(name);
  }
  return page.body.innerHTML;
}
