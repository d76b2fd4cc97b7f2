/** Which words of transcripts a range of the page holds: turns, words, speakers, and when they are heard. */

import { fetchTimes, textNodes, wordIndex } from "./words.js";

const WORDS = "p[data-turn]"; // a paragraph of a turn's words, from the word `data-first` on
const SOURCE = "[data-episode]"; // what holds words of one episode, and says which

/**
 * List the stretches of words in a range, whole words, in order; none where it leaves its episode.
 * A stretch is a paragraph, with the first and last word of its turn that are held.
 */
export function heldWords(range) {
  const root = range.commonAncestorContainer;
  const around = (root.nodeType === Node.ELEMENT_NODE ? root : root.parentElement);
  if (!around.closest(SOURCE)) return [];
  const own = around.closest(WORDS);
  const paragraphs = own ? [own] : [...around.querySelectorAll(WORDS)];
  const stretches = paragraphs.map((paragraph) => held(paragraph, range)).filter(Boolean);
  return stretches.filter(({ source }) => source === stretches[0].source); // of two texts side by side, one
}

/** Say which words of a paragraph a range holds; null for none. */
function held(paragraph, range) {
  if (!range.intersectsNode(paragraph)) return null;
  const nodes = textNodes(paragraph);
  const text = nodes.map((node) => node.data).join("");
  let [begin, end, before] = [Infinity, -1, 0];
  for (const node of nodes) {
    if (range.intersectsNode(node)) {
      const from = node === range.startContainer ? range.startOffset : 0;
      const to = node === range.endContainer ? range.endOffset : node.data.length;
      if (from < to) { begin = Math.min(begin, before + from); end = Math.max(end, before + to); }
    }
    before += node.data.length;
  }
  while (begin < end && text[begin] === " ") begin += 1;
  while (end > begin && text[end - 1] === " ") end -= 1;
  if (begin >= end) return null;
  const shift = Number(paragraph.dataset.first ?? 0);
  return {
    paragraph,
    source: paragraph.closest(SOURCE),
    turn: Number(paragraph.dataset.turn),
    first: shift + wordIndex(text, begin),
    last: shift + wordIndex(text, end - 1),
    text: wholeWords(text, begin, end),
  };
}

/** Widen a part of a text to whole words. */
function wholeWords(text, begin, end) {
  const from = text.lastIndexOf(" ", begin) + 1;
  const to = text.indexOf(" ", end - 1);
  return text.slice(from, to < 0 ? text.length : to);
}

/** Count the words of stretches. */
export function countWords(stretches) {
  return stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

const fetched = new Map(); // address: a promise of times, by turn

/** Fetch when the words of a source are heard. */
export function timesOf(source) {
  if (source.dataset.permanent !== undefined) return Promise.resolve(new Map());
  const address = source.dataset.words ?? `/episode/${source.dataset.episode}/words.json${source.dataset.text ? `?text=${source.dataset.text}` : ""}`;
  if (!fetched.has(address)) fetched.set(address, fetchTimes(address).catch(() => new Map()));
  return fetched.get(address);
}

/** Say when stretches are heard, [start, end] in ms; null where it is not known. */
export function heardAt(stretches, times) {
  const [from, to] = [stretches[0], stretches[stretches.length - 1]];
  const start = ownTimes(from)?.[from.first - Number(from.paragraph.dataset.first)]?.[0] ?? times.get(from.turn)?.starts[from.first];
  const end = ownTimes(to)?.[to.last - Number(to.paragraph.dataset.first)]?.[1] ?? times.get(to.turn)?.ends[to.last];
  return start === undefined || end === undefined || end <= start ? null : [start, end];
}

/** Read the times that a paragraph carries itself: those of a quote are frozen with it. */
export function ownTimes({ paragraph }) {
  return paragraph.dataset.times ? JSON.parse(paragraph.dataset.times) : null;
}
