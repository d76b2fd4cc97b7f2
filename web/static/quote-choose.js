/**
 * The chooser: the same buttons as without script, answered at once; arrow keys; words selected in
 * the text; sound. What is chosen is always in the address and in the form that makes the quote.
 */

import { seekTo } from "./audio.js";
import { playStretch } from "./quote-listen.js";
import { heldWords } from "./quote-range.js";
import { makeChoice } from "./quote-words.js";
import { clock } from "./times.js";

const LANGUAGE = document.documentElement.lang;
const KEYS = {
  ArrowLeft: { start: "start-earlier", end: "end-earlier" },
  ArrowRight: { start: "start-later", end: "end-later" },
  ArrowUp: { start: "start-sentence", end: "end-before" },
  ArrowDown: { start: "start-next", end: "end-sentence" },
};
const root = document.getElementById("choosing");
const form = document.getElementById("bounds");
const quote = document.getElementById("quote");
const audio = document.getElementById("audio");
const part = (name, within = root) => within.querySelector(`[data-part="${name}"]`);
const told = part("told");
const spans = [...root.querySelectorAll("[data-w]")];
const turnOf = (at) => spans[at].parentElement;
const firstOf = new Map();
spans.forEach((span, at) => { if (!firstOf.has(span.parentElement)) firstOf.set(span.parentElement, at); });
const choice = makeChoice(
  JSON.parse(root.dataset.words), Number(root.dataset.start), Number(root.dataset.end), JSON.parse(root.dataset.cuts));

for (const hidden of root.querySelectorAll(".keys, .selecting")) hidden.hidden = false;
form.addEventListener("submit", obeyForm);
for (const side of form.querySelectorAll("[data-side]")) side.addEventListener("keydown", (event) => obeyKeys(event, side));
part("keep").addEventListener("click", () => onSelected(([from, to]) => { choice.set(from, to); told.textContent = told.dataset.kept; }));
part("leave").addEventListener("click", () => onSelected(([from, to]) => leave(from, to)));
if (audio) listen();
bringIntoView();

/** The place of a word as addresses say it. */
function placeOf(at) {
  return `${turnOf(at).dataset.turn}.${at - firstOf.get(turnOf(at))}`;
}

function obeyForm(event) {
  const { name, value } = event.submitter ?? {};
  if (!name) return;
  event.preventDefault();
  if (name === "move") move(value);
  if (name === "back") {
    choice.back(Number(value));
    show();
    form.querySelector(".cutting summary").focus();
  }
  if (name === "leave") {
    const chosen = (id) => spans.findIndex((_, at) => placeOf(at) === document.getElementById(id).value);
    const bounds = [chosen("cut-from"), chosen("cut-to")].sort((one, other) => one - other);
    leave(...bounds);
    show();
  }
}

function obeyKeys(event, side) {
  const name = KEYS[event.key]?.[side.dataset.side];
  if (!name || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  move(name);
}

function move(name) {
  choice.move(name);
  show();
  const at = name.startsWith("start") ? choice.first : choice.last;
  const said = name.startsWith("start") ? told.dataset.start : told.dataset.end;
  told.textContent = said.replace("{word}", spans[at].textContent);
}

function leave(from, to) {
  told.textContent = choice.leave(from, to) ? told.dataset.left : told.dataset.inside;
}

/** Do something with the words that are selected in the text. */
function onSelected(act) {
  const selection = window.getSelection();
  const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  const held = range ? heldWords(range).filter(({ paragraph }) => firstOf.has(paragraph)) : [];
  if (!held.length) { told.textContent = told.dataset.none; return; }
  const [from, to] = [held[0], held[held.length - 1]];
  act([firstOf.get(from.paragraph) + from.first, firstOf.get(to.paragraph) + to.last]);
  selection.removeAllRanges();
  show();
}

/** Write the choice everywhere that it is told. */
function show() {
  spans.forEach((span, at) => { span.className = choice.standing(at); });
  showQuote();
  showMeasure();
  showBound("start", choice.first, choice.startsAt(choice.first));
  showBound("end", choice.last, choice.endsAt(choice.last));
  showCuts();
  writeForms();
  if (audio) audio.dispatchEvent(new Event("chosen"));
}

function showQuote() {
  const said = [];
  choice.runs().forEach(([from, to], run) => {
    for (let at = from; at <= to; at += 1) {
      if (said[said.length - 1]?.turn !== turnOf(at)) said.push({ turn: turnOf(at), words: [] });
      if (run && at === from) said[said.length - 1].words.push("[…]");
      said[said.length - 1].words.push(spans[at].textContent);
    }
  });
  const lines = said.map(({ turn, words }) => {
    const line = document.createElement("p");
    const text = Object.assign(document.createElement("span"), { textContent: words.join(" ") });
    if (said.length > 1) line.append(Object.assign(document.createElement("b"), { textContent: turn.parentElement.dataset.speaker }), " ");
    line.append(text);
    return line;
  });
  document.getElementById("preview").replaceChildren(...lines);
}

function showMeasure() {
  const [count, length] = [part("count"), part("length")];
  const one = new Intl.PluralRules(LANGUAGE).select(choice.count) === "one";
  count.textContent = (one ? count.dataset.one : count.dataset.other).replace("{count}", choice.count.toLocaleString(LANGUAGE));
  const ms = choice.lengthMs;
  if (!length || ms === null) return;
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  length.textContent = length.dataset.unit.replace("{seconds}", (ms / 1000).toLocaleString(LANGUAGE, digits));
}

function showBound(side, at, ms) {
  const box = form.querySelector(`[data-side="${side}"]`);
  part("word", box).textContent = spans[at].textContent;
  const [time, sureness] = [part("time", box), part("sureness", box)];
  if (!time || ms === null) return;
  time.textContent = `${clock(ms / 1000)}${LANGUAGE === "fr" ? "," : "."}${Math.floor((ms % 1000) / 100)}`;
  sureness.textContent = choice.isHeard(at) ? sureness.dataset.heard : sureness.dataset.estimated;
}

function showCuts() {
  const list = document.getElementById("cuts");
  list.replaceChildren(...choice.cuts.map(([from, to], place) => {
    const line = document.createElement("li");
    const words = spans.slice(from, to + 1).map((span) => span.textContent).join(" ");
    const back = Object.assign(document.createElement("button"), { type: "submit", name: "back", value: place, textContent: list.dataset.back });
    line.append(Object.assign(document.createElement("del"), { textContent: words }), " ", back);
    return line;
  }));
  if (choice.cuts.length) form.querySelector(".cutting").open = true;
  for (const id of ["cut-from", "cut-to"]) {
    const options = [];
    for (let at = choice.first + 1; at < choice.last; at += 1) {
      options.push(new Option(`${at - choice.first + 1}. ${spans[at].textContent}`, placeOf(at)));
    }
    document.getElementById(id).replaceChildren(...options);
  }
  form.querySelector('[name="leave"]').disabled = choice.last - choice.first < 2;
}

function writeForms() {
  const span = ([from, to]) => `${placeOf(from)}-${placeOf(to)}`;
  quote.elements.spans.value = choice.runs().map(span).join(" ");
  const [turn, first] = placeOf(choice.first).split(".");
  const [end, last] = placeOf(choice.last).split(".");
  const query = new URLSearchParams(window.location.search);
  for (const name of ["at", "to", "cut", "move"]) query.delete(name);
  for (const [name, value] of Object.entries({ turn, first, end, last })) {
    query.set(name, value);
    form.elements[name].value = value;
  }
  for (const old of form.querySelectorAll('input[name="cut"]')) old.remove();
  for (const cut of choice.cuts) {
    query.append("cut", span(cut));
    form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name: "cut", value: span(cut) }));
  }
  history.replaceState(null, "", `?${query}`);
}

/** Hear what is chosen, once or over and over; a choice that changes is heard as it is now. */
function listen() {
  const [play, loop] = [part("play"), part("loop")];
  let stop = () => {};
  let sounding = false;
  audio.removeAttribute("controls");
  audio.src = audio.getAttribute("src").split("#")[0];
  audio.hidden = true;
  play.hidden = false;
  loop.hidden = false;
  const label = () => { play.textContent = sounding ? play.dataset.pause : play.dataset.play; };
  const halt = () => { stop(); sounding = false; label(); };
  const begin = () => {
    stop();
    const [from, to] = choice.heard;
    sounding = true;
    label();
    stop = playStretch(audio, from / 1000, to / 1000, {
      loops: () => loop.getAttribute("aria-pressed") === "true",
      ended: () => { sounding = false; label(); },
      failed: () => { told.textContent = told.dataset.failed; halt(); },
    });
  };
  play.addEventListener("click", () => { if (sounding) halt(); else begin(); });
  loop.addEventListener("click", () => {
    const on = loop.getAttribute("aria-pressed") !== "true";
    loop.setAttribute("aria-pressed", String(on));
    if (on && !sounding) begin();
  });
  audio.addEventListener("chosen", () => { if (sounding) begin(); else if (choice.heard) seekTo(audio, choice.heard[0] / 1000); });
}

/** Bring the chosen words into the box that scrolls, and leave the page where it is. */
function bringIntoView() {
  const box = root.querySelector(".shown-turns");
  const here = spans[choice.first];
  box.scrollTop = here.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop - box.clientHeight / 3;
}
