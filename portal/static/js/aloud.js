// Large print: reads a page aloud where the browser has a voice for its language.

const button = document.querySelector(".read-aloud");
const article = document.querySelector("article.item");

if (button && article && "speechSynthesis" in window) {
  const start = button.textContent;
  const rest = () => {
    button.textContent = start;
    button.setAttribute("aria-pressed", "false");
  };
  button.hidden = false;
  rest();
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) {
      speechSynthesis.cancel();
      rest();
      return;
    }
    const parts = article.querySelectorAll("h1, .item-summary, .prose, .clause-text, .facts, td, .lines li");
    const words = [...parts].map((part) => part.innerText.trim()).filter(Boolean);
    words.forEach((text, place) => {
      const speech = new SpeechSynthesisUtterance(text);
      speech.lang = article.querySelector("[lang]")?.lang === "zh-Hant" ? "zh-TW" : "zh-CN";
      speech.rate = 0.9;
      if (place === words.length - 1) speech.onend = rest;
      speechSynthesis.speak(speech);
    });
    button.textContent = button.dataset.stop;
    button.setAttribute("aria-pressed", "true");
  });
  addEventListener("pagehide", () => speechSynthesis.cancel());
}
