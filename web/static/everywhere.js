/** Hear each place of a correction before it is made. */

import { playExcerpts } from "./excerpts.js";

playExcerpts(document.getElementById("places"), document.getElementById("audio"));
