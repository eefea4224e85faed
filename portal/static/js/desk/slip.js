// The slip for the resident: one button for the printer, where the browser has one.
const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => window.print());
