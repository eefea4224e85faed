// The clauses of a document as they are understood, beside the text while it is typed.
import { later, postForm } from "./talk.js";

export function watchOutlines(form) {
  for (const field of form.querySelectorAll("[data-clauses]")) {
    const area = field.querySelector("textarea");
    const shown = field.querySelector("[data-outline]");
    area.addEventListener("input", later(600, () => refresh(area, shown)));
  }
}

async function refresh(area, shown) {
  const asked = area.value;
  try {
    const html = await postForm("/work/outline", new URLSearchParams({ text: asked }));
    if (area.value === asked) shown.innerHTML = html;
  } catch {
    // The list stays as it was; saving takes the text apart anyway.
  }
}
