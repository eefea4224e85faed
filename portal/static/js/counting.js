// How long a text has become, said below its field from four fifths of what it may hold.
export function countCharacters(field, words) {
  const limit = Number(field.dataset.limit);
  const note = document.createElement("p");
  note.className = "hint counted";
  note.hidden = true;
  field.after(note);
  const show = () => {
    const count = [...field.value].length;
    note.hidden = count < limit * 0.8;
    note.textContent = words.replace("{count}", count).replace("{limit}", limit);
    note.classList.toggle("counted-over", count > limit);
  };
  field.addEventListener("input", show);
  show();
}
