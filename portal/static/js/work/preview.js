// The page as readers will see it, beside the form, a moment after each change.
import { later, pairsOf, postForm } from "./talk.js";

export function quiet(frame) {
  // Links in a preview lead nowhere: their pages do not let themselves be framed.
  frame.contentDocument?.addEventListener("click", (event) => {
    if (event.target instanceof frame.contentWindow.Element && event.target.closest("a, button")) event.preventDefault();
  });
  frame.contentDocument?.addEventListener("submit", (event) => event.preventDefault());
}

export function watchPreview(form, words) {
  const pane = form.querySelector(".live");
  const frame = pane.querySelector("iframe");
  const button = form.querySelector("[data-preview]");
  const status = form.querySelector("[data-status]");
  let script = "";
  let shown = false;
  let scrolled = 0;

  async function draw() {
    if (!shown) return;
    const body = new URLSearchParams(pairsOf(form));
    body.set("in", script);
    try {
      const html = await postForm("/work/preview", body);
      scrolled = frame.contentWindow?.scrollY ?? 0;
      frame.srcdoc = html;
    } catch {
      status.textContent = words.previewFailed;
    }
  }

  frame.addEventListener("load", () => {
    quiet(frame);
    frame.contentWindow?.scrollTo(0, scrolled);
  });
  button.addEventListener("click", (event) => {
    event.preventDefault();
    shown = !shown;
    pane.hidden = !shown;
    button.setAttribute("aria-pressed", String(shown));
    document.body.classList.toggle("with-preview", shown);
    draw();
    if (shown && matchMedia("(max-width: 999px)").matches) pane.scrollIntoView({ block: "start" });
  });
  for (const choice of pane.querySelectorAll("[data-in]")) {
    choice.addEventListener("click", () => {
      script = choice.dataset.in;
      pane.querySelectorAll("[data-in]").forEach((one) => one.setAttribute("aria-pressed", String(one === choice)));
      draw();
    });
  }
  return { changed: later(700, draw) };
}
