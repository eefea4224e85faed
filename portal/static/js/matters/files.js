// Photos are shown as they are chosen, and what is too large is told before it travels.
const MB = 1024 * 1024;

export function watchFiles(form, words, fill) {
  const frame = form.querySelector("#f-files");
  const limits = form.dataset.photoMb ? form.dataset : null;

  function tell(input, texts) {
    input.closest("label").querySelectorAll(".field-error").forEach((old) => old.remove());
    for (const text of texts) {
      const line = document.createElement("p");
      line.className = "field-error";
      line.setAttribute("role", "alert");
      line.textContent = `▲ ${text}`;
      input.closest("label").append(line);
    }
  }

  function show(input) {
    const label = input.closest("label");
    label.querySelector(".chosen")?.remove();
    const list = document.createElement("ul");
    list.className = "chosen";
    for (const file of input.files) {
      const line = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = file.name;
      if (file.type.startsWith("image/")) {
        const picture = document.createElement("img");
        picture.alt = "";
        picture.src = URL.createObjectURL(file);
        picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
        picture.addEventListener("error", () => picture.remove());
        line.append(picture);
      }
      line.append(name);
      list.append(line);
    }
    if (list.children.length) label.append(list);
  }

  function check(input) {
    if (!limits) return;
    const problems = [];
    for (const file of input.files) {
      const limit = Number(file.type.startsWith("image/") ? limits.photoMb : limits.fileMb);
      if (file.size > limit * MB) problems.push(fill(words.tooLarge, { name: file.name, limit }));
    }
    const all = [...form.querySelectorAll("input[type=file]")].flatMap((one) => [...one.files]);
    const sum = all.reduce((size, file) => size + file.size, 0);
    if (sum > Number(limits.allMb) * MB * 0.98) problems.push(fill(words.tooMuch, { limit: limits.allMb }));
    tell(input, problems);
  }

  // Chosen files are listed by us, so the browser's own words beside its button are not needed.
  frame?.classList.add("listed");
  frame?.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    show(event.target);
    check(event.target);
  });
}
