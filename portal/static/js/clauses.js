// A document's clauses: tapping a number copies its address; the table of clauses follows the reading.

const box = document.querySelector(".clauses");

function say(words) {
  document.querySelector(".copied")?.remove();
  const note = document.createElement("p");
  note.className = "copied";
  note.setAttribute("role", "status");
  note.textContent = words;
  document.body.append(note);
  setTimeout(() => note.remove(), 2500);
}

box?.addEventListener("click", async (event) => {
  const number = event.target instanceof Element && event.target.closest(".clause-number");
  if (!number || !navigator.clipboard) return;
  try {
    await navigator.clipboard.writeText(number.href);
    say(box.dataset.copied || number.href);
  } catch {
    // The address stands in the browser's bar all the same.
  }
});

const contents = document.querySelector(".contents");
if (box && contents && "IntersectionObserver" in window) {
  // On a small screen the table would push the text away; it stays one tap away.
  if (matchMedia("(max-width: 60rem)").matches) contents.querySelector("details")?.removeAttribute("open");
  const links = new Map();
  for (const link of contents.querySelectorAll("a")) {
    links.set(decodeURIComponent(link.hash.slice(1)), link);
  }
  const watch = new IntersectionObserver(
    (seen) => {
      for (const entry of seen) {
        if (!entry.isIntersecting || !links.has(entry.target.id)) continue;
        contents.querySelector("[aria-current]")?.removeAttribute("aria-current");
        links.get(entry.target.id).setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-90px 0px -70% 0px" },
  );
  for (const clause of box.querySelectorAll(".clause")) if (links.has(clause.id)) watch.observe(clause);
}
