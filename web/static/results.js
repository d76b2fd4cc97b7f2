/** The results page: excerpts that play in place, context on the spot, links to copy. */

import { playExcerpts } from "./excerpts.js";
import { openContext } from "./context.js";
import { copyLinks } from "./links.js";

const cards = document.querySelector(".cards");
if (cards) {
  playExcerpts(cards, document.getElementById("audio"));
  openContext(cards);
}
copyLinks(document);
