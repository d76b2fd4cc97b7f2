/**
 * When each word is heard, fetched once it is needed, and where it stands in the page.
 * No element a word: a range over the turn's own text is made for the one word being heard.
 */

/** Fetch the times of every word: a map from a turn's id to its starts and ends (ms). */
export async function fetchTimes(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`words: ${answer.status}`);
  const times = new Map();
  for (const [turn, packed] of (await answer.json()).turns) times.set(turn, unpack(packed));
  return times;
}

/** Undo the packing: pairs of the gap since the word before, and the word's length. */
function unpack(packed) {
  const starts = new Uint32Array(packed.length / 2);
  const ends = new Uint32Array(packed.length / 2);
  let at = 0;
  for (let i = 0; i < starts.length; i += 1) {
    at += packed[2 * i];
    starts[i] = at;
    at += packed[2 * i + 1];
    ends[i] = at;
  }
  return { starts, ends };
}

/** Say which word is being heard at a moment (ms): the last that has begun; -1 before the first. */
export function wordAt(times, ms) {
  let low = 0;
  let high = times.starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times.starts[middle] <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** List the text of a turn: its nodes, without what was added to mark doubts. */
export function textNodes(paragraph) {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(".aside") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/** Make a range over characters [begin, end) of a turn's text. */
export function rangeOf(nodes, begin, end) {
  const range = document.createRange();
  let before = 0;
  let begun = false;
  for (const node of nodes) {
    const after = before + node.data.length;
    if (!begun && begin < after) { range.setStart(node, begin - before); begun = true; }
    if (begun && end <= after) { range.setEnd(node, end - before); return range; }
    before = after;
  }
  return null;
}

/** Say where a word of a text begins and ends: words stand between single spaces. */
export function wordBounds(text, index) {
  let begin = 0;
  for (let i = 0; i < index; i += 1) {
    begin = text.indexOf(" ", begin) + 1;
    if (begin === 0) return null;
  }
  const end = text.indexOf(" ", begin);
  return [begin, end < 0 ? text.length : end];
}

/** Say which word of a text holds a character. */
export function wordIndex(text, offset) {
  let index = 0;
  for (let i = text.indexOf(" "); i >= 0 && i < offset; i = text.indexOf(" ", i + 1)) index += 1;
  return index;
}
