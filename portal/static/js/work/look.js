// The look before a decision: the frame shows, it does not lead away.
import { quiet } from "./preview.js";

const frame = document.querySelector("iframe.paper");
frame?.addEventListener("load", () => quiet(frame));
if (frame?.contentDocument?.readyState === "complete") quiet(frame);
