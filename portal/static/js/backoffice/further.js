// What could not be done in one go goes on by itself, unless the reader stops it.
const form = document.querySelector("[data-further]");
if (form) setTimeout(() => form.requestSubmit(), 1500);
