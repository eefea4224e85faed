// What lies in a section: tick all, count, and put in order by dragging.
import { fill, make, postJson } from "./talk.js";

const form = document.querySelector("form.folder");
const list = form?.querySelector("[data-items]");
const words = form ? JSON.parse(form.dataset.words) : {};

function watchTicks() {
  const all = form.querySelector("[data-all]");
  const boxes = [...list.querySelectorAll("input[name=item]")];
  const count = form.querySelector(".batch-count");
  all.closest("label").hidden = false;
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    count.hidden = ticked === 0;
    count.textContent = ticked === 1 ? count.dataset.one : fill(count.dataset.many, { count: ticked });
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => (box.checked = all.checked));
    show();
  });
  boxes.forEach((box) => box.addEventListener("change", show));
  show();
}

function watchDragging() {
  let dragged = null;
  let before = "";
  const order = () => [...list.querySelectorAll("[data-item]")].map((row) => Number(row.dataset.item));
  for (const row of list.querySelectorAll("[data-item]")) {
    const handle = make("span", { class: "grip", title: words.grab, "aria-hidden": "true" }, "⠿");
    row.prepend(handle);
    handle.addEventListener("pointerdown", () => (row.draggable = true));
    row.addEventListener("dragstart", (event) => {
      dragged = row;
      before = String(order());
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      row.classList.add("dragged");
    });
    row.addEventListener("dragover", (event) => {
      if (!dragged || dragged === row) return;
      event.preventDefault();
      const box = row.getBoundingClientRect();
      row[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
    });
    row.addEventListener("dragend", () => {
      row.draggable = false;
      row.classList.remove("dragged");
      dragged = null;
      if (String(order()) !== before) save(order());
    });
  }
  list.addEventListener("drop", (event) => event.preventDefault());
}

async function save(items) {
  const status = form.querySelector(".order-status");
  try {
    await postJson(form.dataset.order, { items });
    status.textContent = words.moved;
    const rows = [...list.querySelectorAll("[data-item]")];
    rows.forEach((row, n) => {
      row.querySelector("[name=up]").disabled = n === 0;
      row.querySelector("[name=down]").disabled = n === rows.length - 1;
    });
  } catch (error) {
    status.textContent = error.message && error.name === "Error" ? error.message : words.failed;
  }
}

if (list?.querySelector("input[name=item]")) {
  watchTicks();
  watchDragging();
}
