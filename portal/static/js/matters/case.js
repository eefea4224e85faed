// The page of a matter: photos shown as they are chosen, and a button that prints.
import { watchFiles } from "./files.js";
import { offerPrint } from "./print.js";

const form = document.querySelector(".add form");
if (form) watchFiles(form, {}, (text) => text);
offerPrint();
