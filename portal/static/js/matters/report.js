// The form of a matter: photos shown before they are sent, a draft on the device, one question at a time in large print.
import { countCharacters } from "../counting.js";
import { keepDraft } from "./draft.js";
import { watchFiles } from "./files.js";
import { suggest } from "./similar.js";
import { inSteps } from "./steps.js";

const form = document.querySelector("form.report-form");
const words = JSON.parse(form.dataset.words);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

// What cannot wait: the telephone comes into view.
function callFirst() {
  const call = document.querySelector("[data-call-first]");
  if (!call) return;
  form.addEventListener("change", (event) => {
    if (event.target.name !== "kind") return;
    const urgent = "urgent" in event.target.dataset;
    call.classList.toggle("call-first-now", urgent);
    if (urgent) call.scrollIntoView({ block: "center" });
  });
}

keepDraft(form, words);
form.querySelectorAll("[data-limit]").forEach((field) => countCharacters(field, words.counted));
watchFiles(form, words, fill);
suggest(form);
callFirst();
if (document.documentElement.classList.contains("elder")) inSteps(form, words, fill);
if ("atFiles" in form.dataset) document.getElementById("f-files").scrollIntoView({ block: "center" });
form.dataset.ready = "";
