// The navigation of the back office begins where the reader is.
const nav = document.querySelector(".office-nav-wide");
const here = nav?.querySelector("[aria-current]");
if (here) nav.scrollTop += here.getBoundingClientRect().bottom - nav.getBoundingClientRect().bottom + here.offsetHeight;
