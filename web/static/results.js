/** The results page: excerpts that play in place, context on the spot, links to copy. */

import { playExcerpts } from "./excerpts.js";
import { openContext } from "./context.js";
import { copyLinks } from "./links.js";
import { offerQuoting } from "./quote-select.js";

const cards = document.querySelector(".cards");
if (cards) {
  playExcerpts(cards, document.getElementById("audio"));
  openContext(cards);
  offerQuoting(document.getElementById("quote-bar"), document.getElementById("audio"));
}
copyLinks(document);
