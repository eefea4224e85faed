// Passwords: a button that shows what was typed, and a meter that advises and never hinders.
for (const button of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  if (!(field instanceof HTMLInputElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? button.dataset.show : button.dataset.hide;
    button.setAttribute("aria-pressed", String(!shown));
    field.focus();
  });
  // What is sent is a password again, so that no browser keeps it among its suggestions.
  field.form?.addEventListener("submit", () => (field.type = "password"));
}

// How many characters there are, and how many different ones; Chinese characters are worth two.
function strength(text) {
  const length = [...text].length;
  if (length < 8) return "short";
  const worth = [...text].reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);
  const different = new Set(text.toLowerCase()).size;
  if (worth >= 16 && different >= 8) return "good";
  return worth >= 12 && different >= 6 ? "fair" : "weak";
}

for (const field of document.querySelectorAll("[data-meter]")) {
  const meter = document.getElementById(field.dataset.meter);
  field.addEventListener("input", () => {
    meter.hidden = field.value === "";
    const found = strength(field.value);
    meter.className = `strength strength-${found}`;
    meter.querySelector(".strength-words").textContent = meter.dataset[found];
  });
}
