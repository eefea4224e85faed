// A field that holds one picture: upload at once with a preview, choose one that is there, or none.
import { choosePicture } from "./pickers.js";
import { make, postForm } from "./talk.js";

export function watchPictures(form, words, changed) {
  for (const field of form.querySelectorAll("[data-picture]")) {
    const value = field.querySelector("input[type=hidden]");
    const file = field.querySelector("input[type=file]");
    const shown = field.querySelector(".picture-now");
    const pick = field.querySelector("[data-pick-picture]");
    const drop = field.querySelector("[data-drop-picture]");
    const problem = make("p", { class: "field-error", role: "alert" });
    field.append(problem);
    const set = (uid) => {
      value.value = uid;
      shown.replaceChildren(...(uid ? [make("img", { src: `/files/${uid}/card`, alt: "" })] : []));
      drop.hidden = !uid;
      changed();
    };
    pick.hidden = false;
    drop.hidden = !value.value;
    drop.addEventListener("click", () => set(""));
    pick.addEventListener("click", async () => {
      const chosen = await choosePicture(words, null, true);
      if (chosen) set(chosen.uid);
    });
    file.addEventListener("change", async () => {
      if (!file.files.length) return;
      problem.textContent = "";
      const body = new FormData();
      body.set("file", file.files[0]);
      try {
        set((await postForm("/work/upload", body)).uid);
        file.value = "";
      } catch (error) {
        problem.textContent = error.constructor === Error ? words.uploadFailed : error.message || words.signedOut;
        file.value = "";
      }
    });
  }
}
