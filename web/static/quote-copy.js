/**
 * Words copied from a transcript carry who said them, where, when, and the link that plays them.
 * Only words of transcripts: what is copied elsewhere, and in fields, is left as it is.
 */

import { heardAt, heldWords, timesOf } from "./quote-range.js";
import { clock } from "./times.js";

const known = new Map(); // source: times, once they are there

document.addEventListener("selectionchange", () => {
  const range = currentRange();
  const source = range && heldWords(range)[0]?.source;
  if (source && !known.has(source)) timesOf(source).then((times) => known.set(source, times));
});

document.addEventListener("copy", (event) => {
  if (event.target.closest?.("input, textarea, [contenteditable]")) return;
  const range = currentRange();
  const stretches = range ? heldWords(range) : [];
  if (!stretches.length || !event.clipboardData) return;
  const { text, html } = attribute(stretches, known.get(stretches[0].source) ?? new Map());
  event.clipboardData.setData("text/plain", text);
  event.clipboardData.setData("text/html", html);
  event.preventDefault();
});

function currentRange() {
  const selection = window.getSelection();
  return selection && !selection.isCollapsed && selection.rangeCount ? selection.getRangeAt(0) : null;
}

/** Write stretches with their speakers, their source and their link. */
export function attribute(stretches, times) {
  const { source } = stretches[0];
  const said = joinTurns(stretches);
  const heard = heardAt(stretches, times);
  const begun = heard?.[0] ?? startOf(stretches[0]);
  const at = begun === null ? [] : [clock(begun / 1000)];
  const link = source.dataset.permanent ?? source.dataset.link + fragment(heard, begun, stretches[0].turn);
  const where = [source.dataset.show, quoted(source.dataset.title), source.dataset.day, ...at].filter(Boolean);
  const alone = said.length === 1 && said[0].speaker;
  const lines = alone
    ? [quoted(said[0].text), `— ${[alone, ...where].join(", ")}`]
    : [...said.map(({ speaker, text }) => (speaker ? `${speaker}${COLON}${quoted(text)}` : quoted(text))), `— ${where.join(", ")}`];
  return { text: [...lines, link].join("\n"), html: asHtml(lines, link) };
}

const FRENCH = document.documentElement.lang === "fr";
const COLON = FRENCH ? "\u00a0: " : ": ";
const quoted = (text) => (FRENCH ? `«\u00a0${text}\u00a0»` : `“${text}”`);

/** Put together what one person says in a row. */
function joinTurns(stretches) {
  const said = [];
  for (const stretch of stretches) {
    const speaker = speakerOf(stretch);
    const last = said[said.length - 1];
    if (last && last.speaker === speaker) last.text += ` ${stretch.text}`;
    else said.push({ speaker, text: stretch.text });
  }
  return said;
}

function speakerOf({ paragraph }) {
  const around = paragraph.closest(".turn, .card, [data-speaker]");
  return around?.dataset.speaker ?? around?.querySelector(".speaker")?.textContent.trim() ?? "";
}

function startOf({ paragraph }) {
  const start = paragraph.closest("[data-start]")?.dataset.start;
  return start === undefined ? null : Number(start);
}

function fragment(heard, begun, turn) {
  const seconds = (ms) => (ms / 1000).toFixed(3);
  if (heard) return `#t=${seconds(heard[0])},${seconds(heard[1])}`;
  return begun === null ? `#t-${turn}` : `#t=${seconds(begun)}`;
}

function asHtml(lines, link) {
  const holder = document.createElement("div");
  const quote = document.createElement("blockquote");
  quote.cite = link;
  for (const line of lines.slice(0, -1)) quote.append(Object.assign(document.createElement("p"), { textContent: line }));
  const source = document.createElement("p");
  source.append(Object.assign(document.createElement("a"), { href: link, textContent: lines[lines.length - 1] }));
  holder.append(quote, source);
  return holder.innerHTML;
}
