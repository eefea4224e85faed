// The slip: what was kept on the device is not needed any more, and it can be printed.
import { forgetDrafts } from "./draft.js";
import { offerPrint } from "./print.js";

forgetDrafts(document.querySelector("[data-sent]").dataset.sent);
offerPrint();
