// How far a file is written; the page is loaded anew when it is ready.
import { getJson } from "../work/talk.js";

const box = document.querySelector("[data-job]");
const bar = box?.querySelector("progress");

async function look() {
  try {
    const now = await getJson(box.dataset.job);
    if (now.state !== "waiting" && now.state !== "running") return location.reload();
    if (now.share !== null) bar.value = now.share;
    box.querySelector("[data-rows]").textContent = now.rows.toLocaleString("en");
  } catch {
    // the next look may succeed
  }
  setTimeout(look, document.hidden ? 10000 : 1500);
}

if (box) setTimeout(look, 800);
