// What is typed is kept on the server a moment after each change, and offered again after a crash.
import { fill, pairsOf, postJson, SignedOut } from "./talk.js";

const PAUSE = 2500; // after the last key
const LONGEST = 12000; // even while typing goes on
const AGAIN = 8000; // after a failure

export function keepTyping(form, words) {
  const status = form.querySelector("[data-status]");
  const undecided = document.querySelector("[data-unsaved]");
  let dirty = form.hasAttribute("data-tried");
  let leaving = false;
  let timer = 0;
  let since = 0;
  let kept = "";

  const say = (text, tone = "") => {
    status.textContent = text;
    status.dataset.tone = tone;
  };

  const parcel = () => ({
    key: form.dataset.key,
    version: Number(form.dataset.version) || 0,
    address: form.dataset.address,
    fields: pairsOf(form),
  });

  async function keep() {
    clearTimeout(timer);
    since = 0;
    const sent = parcel();
    const text = JSON.stringify(sent.fields);
    if (text === kept) return;
    try {
      const answer = await postJson("/work/autosave", sent);
      kept = text;
      if (!leaving) say(fill(words.kept, { time: answer.at }), "kept");
    } catch (error) {
      say(error instanceof SignedOut ? words.signedOut : error.message && error.name !== "TypeError" && Number.isNaN(Number(error.message)) ? error.message : words.failed, "failed");
      timer = setTimeout(keep, AGAIN);
    }
  }

  function changed() {
    dirty = true;
    if (undecided) {
      say(words.decide, "failed");
      return;
    }
    if (!since) {
      since = Date.now();
      say(words.typing);
    }
    clearTimeout(timer);
    timer = setTimeout(keep, Math.max(0, Math.min(PAUSE, LONGEST - (Date.now() - since))));
  }

  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("pageshow", () => {
    leaving = false;
  });
  document.querySelectorAll("[data-leave]").forEach((link) => link.addEventListener("click", () => (leaving = true)));
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
  addEventListener("pagehide", () => {
    // A last try; browsers send up to 64 kB after the page is gone.
    if (dirty && !leaving && !undecided) postJson("/work/autosave", parcel(), true).catch(() => {});
  });
  return { changed };
}
