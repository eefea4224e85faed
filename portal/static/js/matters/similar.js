// While somebody writes: matters of their own that sound like it. The words travel by POST, never in an address.
const PAUSE = 900;

export function suggest(form) {
  const place = form.querySelector("[data-similar-here]");
  const field = form.elements.words;
  if (!form.dataset.similar || !place || !field) return;
  let timer = 0;
  let asked = "";

  async function ask() {
    const text = field.value.trim();
    if (text.length < 6 || text === asked) return;
    asked = text;
    const body = new FormData();
    for (const name of ["csrf_token", "words", "place"]) body.append(name, form.elements[name]?.value ?? "");
    try {
      const answer = await fetch(form.dataset.similar, { method: "POST", body });
      if (!answer.ok || answer.redirected || text !== field.value.trim()) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      place.replaceChildren(...found.body.children);
    } catch {
      // Without a connection there is nothing to suggest.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
}
