/** The page of a quote: the proof by ear, its words highlighted as they are heard. */

import { copyLinks } from "./links.js";
import "./quote-copy.js";
import { playStretch } from "./quote-listen.js";
import { ownTimes } from "./quote-range.js";
import { rangeOf, textNodes, wordBounds } from "./words.js";

const PAUSE_MS = 700; // a word stays marked this long, unless another begins

const sheet = document.getElementById("quote-sheet");
const button = document.getElementById("verify");
if (button) verify(button, document.getElementById("audio"));
copyLinks(document);

/** Play from a little before to a little after, and show which word is heard. */
function verify(control, audio) {
  const told = document.getElementById("verify-told");
  const [from, to] = [Number(control.dataset.from) / 1000, Number(control.dataset.to) / 1000];
  const words = listWords();
  const spoken = "highlights" in CSS ? new Highlight() : null;
  if (spoken) CSS.highlights.set("spoken", spoken);
  let stop = () => {};

  audio.removeAttribute("controls");
  audio.src = audio.getAttribute("src").split("#")[0];
  audio.hidden = true;
  control.hidden = false;
  control.addEventListener("click", () => {
    if (!audio.paused) { stop(); return; }
    const inside = audio.currentTime > from && audio.currentTime < to - 0.1;
    stop = playStretch(audio, inside ? audio.currentTime : from, to, { failed: () => { told.textContent = told.dataset.failed; } });
  });
  const tick = () => {
    paint(spoken, words, audio.currentTime * 1000);
    if (!audio.paused) requestAnimationFrame(tick);
  };
  for (const name of ["play", "pause"]) {
    audio.addEventListener(name, () => {
      control.textContent = audio.paused ? control.dataset.play : control.dataset.pause;
      tick();
    });
  }
}

/** List every word shown with its times and its place: [start, end, nodes, begin, upto]. */
function listWords() {
  const listed = [];
  for (const paragraph of sheet.querySelectorAll("p[data-times]")) {
    const nodes = textNodes(paragraph);
    const text = nodes.map((node) => node.data).join("");
    ownTimes({ paragraph }).forEach(([start, end], at) => {
      const bounds = wordBounds(text, at);
      if (start !== null && bounds) listed.push({ start, end, nodes, bounds });
    });
  }
  return listed;
}

function paint(spoken, words, ms) {
  if (!spoken) return;
  spoken.clear();
  const word = words.filter(({ start }) => start <= ms).pop();
  const range = word && ms < word.end + PAUSE_MS && rangeOf(word.nodes, ...word.bounds);
  if (range) spoken.add(range);
}
