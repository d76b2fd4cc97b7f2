/**
 * A small bar beside words that are selected in a transcript: cite them, hear them, copy them.
 *
 * Selecting stays the browser's own, by mouse, touch or keyboard. The bar stands in the page right
 * after the words, so that Tab leads from them to it; Esc closes it.
 */

import "./quote-copy.js";
import { playStretch } from "./quote-listen.js";
import { countWords, heardAt, heldWords, timesOf } from "./quote-range.js";

const SETTLED_MS = 250; // a selection that has not moved for this long is made
const GAP_PX = 10;

/** Offer what can be done with selected words; `audio` is the page's one audio element, if it has any. */
export function offerQuoting(bar, audio) {
  if (!bar) return;
  const part = (name) => bar.querySelector(`[data-part="${name}"]`);
  const [cite, listen, copy, told] = ["cite", "listen", "copy", "told"].map(part);
  let stretches = [];
  let heard = null;
  let timer = 0;
  let pressing = false;
  let stop = () => {};

  const close = () => { bar.hidden = true; stretches = []; };

  const look = async () => {
    if (pressing || bar.contains(document.activeElement)) return;
    const selection = window.getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const found = range ? heldWords(range) : [];
    if (!found.length) { close(); return; }
    stretches = found;
    heard = null;
    cite.href = addressOf(stretches);
    say();
    place(range);
    const times = await timesOf(found[0].source);
    if (stretches !== found) return;
    heard = heardAt(found, times);
    listen.hidden = !heard || !audio || found[0].source.dataset.audio === undefined;
    say();
  };

  const say = () => {
    const count = countWords(stretches);
    const words = new Intl.PluralRules(document.documentElement.lang).select(count) === "one" ? told.dataset.one : told.dataset.other;
    const length = heard ? ` · ${((heard[1] - heard[0]) / 1000).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} s` : "";
    told.textContent = words.replace("{count}", count) + length;
  };

  const place = (range) => {
    const last = stretches[stretches.length - 1].paragraph;
    const home = last.closest(".turn") ?? last.closest("article") ?? last.parentElement;
    home.classList.add("settled"); // a turn left for later clips what it holds
    if (bar.parentElement !== home) home.append(bar);
    bar.hidden = false;
    const { top, bottom, left, right } = edges(range);
    const room = window.innerHeight - covered();
    const above = bottom + GAP_PX + bar.offsetHeight > room && top - GAP_PX - bar.offsetHeight > 0;
    const wanted = above ? top - GAP_PX - bar.offsetHeight : bottom + GAP_PX;
    const origin = bar.offsetParent.getBoundingClientRect();
    const middle = (left + right) / 2 - bar.offsetWidth / 2;
    const inside = Math.max(8, Math.min(middle, document.documentElement.clientWidth - bar.offsetWidth - 8));
    bar.style.insetBlockStart = `${Math.round(wanted - origin.top)}px`;
    bar.style.insetInlineStart = `${Math.round(inside - origin.left)}px`;
  };

  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLED_MS);
  });
  document.addEventListener("pointerdown", (event) => { pressing = !bar.contains(event.target); });
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, (event) => {
      pressing = false;
      if (bar.contains(event.target)) return; // what a button has just said stays said
      clearTimeout(timer);
      timer = setTimeout(look, 0);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || bar.hidden) return;
    const inside = bar.contains(document.activeElement);
    if (inside) stretches[0]?.paragraph.closest(".turn, .card")?.querySelector("a")?.focus();
    stop();
    close();
  });
  bar.addEventListener("mousedown", (event) => event.preventDefault()); // the words stay selected
  listen.addEventListener("click", () => {
    if (!heard) return;
    const source = `/episode/${stretches[0].source.dataset.episode}/audio.mp3`;
    if (audio.getAttribute("src")?.split("#")[0] !== source) audio.src = source;
    stop = playStretch(audio, heard[0] / 1000, heard[1] / 1000, { failed: () => { told.textContent = told.dataset.failed; } });
  });
  copy.addEventListener("click", () => {
    const done = document.execCommand("copy"); // what the copy event writes, on plain http too
    told.textContent = done ? told.dataset.copied : told.dataset.refused;
  });
}

/** Write the address at which these words are quoted. */
function addressOf(stretches) {
  const [from, to] = [stretches[0], stretches[stretches.length - 1]];
  const { episode, text } = from.source.dataset;
  const bounds = { episode, ...(text ? { text } : {}), turn: from.turn, first: from.first, end: to.turn, last: to.last };
  return `/quote/choose?${new URLSearchParams(bounds)}`;
}

/** Say where the selected words begin and end in the window. */
function edges(range) {
  const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
  return lines.length ? {
    top: Math.min(...lines.map(({ top }) => top)),
    bottom: Math.max(...lines.map(({ bottom }) => bottom)),
    left: lines[lines.length - 1].left,
    right: lines[lines.length - 1].right,
  } : range.getBoundingClientRect();
}

/** Say how much of the window's foot the player covers. */
function covered() {
  const player = document.getElementById("player");
  if (!player || getComputedStyle(player).position !== "fixed") return 0;
  return window.innerHeight - player.getBoundingClientRect().top;
}
