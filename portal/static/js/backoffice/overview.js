// The overview asks for itself again while it is open, so that a worker that died is said without a reload.
const seconds = Number(document.querySelector("#overview")?.dataset.again);

async function again() {
  const old = document.querySelector("#overview");
  if (document.hidden || !old || old.contains(document.activeElement)) return;
  let answer;
  try {
    answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
  } catch {
    return; // the server is away for a moment; the next time will tell
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#overview");
  if (!fresh) return;
  // A reader with a screen reader hears of what is wrong only when it is something else than before.
  const alarms = (root) => root.querySelector(".alarms")?.textContent;
  const heard = alarms(old) === alarms(fresh) ? "" : "polite";
  if (heard) fresh.querySelector(".alarms").setAttribute("aria-live", heard);
  old.replaceWith(fresh);
}

if (seconds > 0) setInterval(again, seconds * 1000);
