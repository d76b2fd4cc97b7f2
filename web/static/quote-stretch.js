/** The stretch that an address asks for, `#t=1752,1761`: its words are marked, and it is heard to its end. */

import { whenReached } from "./audio.js";
import { timesOf } from "./quote-range.js";
import { rangeOf, textNodes, wordBounds } from "./words.js";

/** Tie a transcript to its audio; returns what marks a stretch, or none. */
export function markStretch(transcript, audio) {
  const paint = "highlights" in CSS ? new Highlight() : null;
  if (paint) CSS.highlights.set("stretch", paint);
  let asked = null;
  let giveUp = () => {};

  const clear = () => {
    giveUp();
    paint?.clear();
    for (const turn of transcript.querySelectorAll(".turn.asked")) turn.classList.remove("asked");
  };
  const inside = () => asked && audio.currentTime >= asked.start - 0.5 && audio.currentTime < asked.end - 0.05;

  audio.addEventListener("play", () => {
    giveUp();
    if (inside()) giveUp = whenReached(audio, asked.end, () => { audio.pause(); });
  });
  audio.addEventListener("seeking", () => { if (!inside()) giveUp(); });

  return {
    /** Mark { start, end } in seconds; null, or a moment without an end, marks nothing. */
    async mark(moment) {
      clear();
      asked = moment?.end ? moment : null;
      const wanted = asked;
      if (!wanted) return;
      const [start, end] = [wanted.start * 1000, wanted.end * 1000];
      for (const turn of transcript.querySelectorAll(".turn[data-start]")) {
        if (Number(turn.dataset.start) < end && Number(turn.dataset.end) > start) turn.classList.add("asked");
      }
      const times = await timesOf(transcript);
      if (wanted !== asked || !paint) return;
      for (const words of transcript.querySelectorAll(".turn.asked p[data-turn]")) markWords(paint, words, times, start, end);
    },
  };
}

/** Paint the words of a paragraph that are heard between two moments (ms), as one range. */
function markWords(paint, words, times, start, end) {
  const held = times.get(Number(words.dataset.turn));
  if (!held) return;
  const nodes = textNodes(words);
  const text = nodes.map((node) => node.data).join("");
  const shift = Number(words.dataset.first ?? 0);
  const count = text.split(" ").length;
  const places = [...Array(count).keys()].filter((at) => held.starts[shift + at] < end && held.ends[shift + at] > start);
  if (!places.length) return;
  const [begin] = wordBounds(text, places[0]);
  const [, upto] = wordBounds(text, places[places.length - 1]);
  const range = rangeOf(nodes, begin, upto);
  if (range) paint.add(range);
}
