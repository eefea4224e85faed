// Large print: one question on the screen at a time, with a bar that says how far one is.
export function inSteps(form, words, fill) {
  const steps = [...form.querySelectorAll("[data-step]")];
  if (steps.length < 3) return;
  const send = form.querySelector(".send-bar");
  const note = form.querySelector(".private");
  let here = Math.max(0, steps.findIndex((step) => step.querySelector(".field-wrong")));
  if ("atFiles" in form.dataset) here = steps.findIndex((step) => step.querySelector("#f-files"));

  const bar = document.createElement("div");
  bar.className = "step-bar";
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  const progress = document.createElement("progress");
  progress.max = steps.length;
  bar.append(said, progress);
  form.prepend(bar);

  const row = document.createElement("div");
  row.className = "actions step-acts";
  const button = (text, kind, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `button button-${kind}`;
    made.textContent = text;
    made.addEventListener("click", act);
    row.append(made);
    return made;
  };
  const next = button(words.next, "primary button-large", () => move(1));
  const back = button(words.back, "secondary", () => move(-1));
  send.after(row);
  send.querySelector("a")?.remove();
  form.noValidate = true;
  form.classList.add("stepped");

  function show(focus) {
    steps.forEach((step, place) => (step.hidden = place !== here));
    const last = here === steps.length - 1;
    progress.value = here + 1;
    said.textContent = fill(words.step, { now: here + 1, all: steps.length });
    next.hidden = last;
    back.hidden = here === 0;
    send.hidden = !last;
    if (note) note.hidden = !last;
    if (!focus) return;
    steps[here].querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
    bar.scrollIntoView({ block: "start" });
  }

  function complete() {
    return [...steps[here].querySelectorAll("input, textarea, select")].every((field) => field.reportValidity());
  }

  function move(by) {
    if (by > 0 && !complete()) return;
    here = Math.min(steps.length - 1, Math.max(0, here + by));
    show(true);
  }

  // Enter in a line goes on to the next question; only the last one sends.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "do") return;
    const asked = event.submitter && send.contains(event.submitter);
    if (here < steps.length - 1 && !asked) {
      event.preventDefault();
      event.stopPropagation(); // nothing was sent: the guard against double taps need not know
      move(1);
      return;
    }
    if (!complete()) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  // A link of the summary of problems leads to the step that holds the field.
  document.querySelector(".error-summary")?.addEventListener("click", (event) => {
    const target = event.target.closest("a")?.hash.slice(1);
    const place = steps.findIndex((step) => target && step.querySelector(`[id="${CSS.escape(target)}"]`));
    if (place < 0) return;
    event.preventDefault();
    here = place;
    show(true);
  });
  show(false);
}
