/**
 * Find in this episode: the server finds, as a search does; the page marks, and goes from match to
 * match. Enter goes on, Shift+Enter back. All text stays in the page, so the browser's own find
 * works as well; the address always says where the reader stands.
 */

import { rangeOf, textNodes } from "./words.js";

/** Make a form find its text in a transcript; `moved` is called before the page is moved. */
export function findInPage(form, transcript, moved) {
  const field = form.querySelector("input[type=search]");
  const [told, note] = [...form.querySelectorAll(".told")];
  const paint = makePaint();
  let found = [];
  let at = -1;
  let sought = "";
  let asking = 0;

  const search = async (text) => {
    asking += 1;
    const turn = asking;
    const answer = await ask(form.dataset.address, text);
    if (turn !== asking) return false; // asked something else meanwhile
    sought = text;
    at = -1;
    unmark(transcript);
    found = locate(transcript, answer.spots);
    paint.all(found);
    form.classList.toggle("finding", found.length > 0);
    note.textContent = remark(told.dataset, answer, text);
    if (answer.rebuilding !== null) told.textContent = told.dataset.rebuilding;
    else told.textContent = found.length ? "" : told.dataset.none;
    return found.length > 0;
  };

  const go = async (step) => {
    const text = field.value.trim();
    if (!text) { clear(); return; }
    try {
      if (text !== sought && !(await search(text))) return;
    } catch { told.textContent = told.dataset.failed; return; }
    if (!found.length) return;
    at = at < 0 ? (step < 0 ? found.length - 1 : 0) : (at + step + found.length) % found.length;
    show();
  };

  const show = () => {
    const { words, range } = found[at];
    paint.here(range);
    moved();
    bring(words, range);
    told.textContent = told.dataset.found.replace("{at}", at + 1).replace("{total}", found.length);
    const query = new URLSearchParams(window.location.search); // which text is shown stays
    query.set("find", sought);
    query.set("match", at + 1);
    history.replaceState(null, "", `?${query}${window.location.hash === "#found-here" ? "" : window.location.hash}`);
  };

  const clear = () => {
    asking += 1;
    [found, at, sought] = [[], -1, ""];
    unmark(transcript);
    paint.all([]);
    form.classList.remove("finding");
    told.textContent = "";
    note.textContent = "";
  };

  addButtons(form, go);
  form.addEventListener("submit", (event) => { event.preventDefault(); go(1); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); go(-1); }
  });
  field.addEventListener("input", () => { if (!field.value.trim()) clear(); });
  if (field.value.trim()) takeUp(field.value.trim());

  /** The page came with its matches marked: go on from the one that it shows. */
  async function takeUp(text) {
    const shown = Number(/\d+/.exec(told.textContent)?.[0] ?? 1);
    if (!(await search(text).catch(() => false))) return;
    at = Math.min(shown, found.length) - 1;
    show();
  }
}

/** Ask the server where a query's words are. */
async function ask(address, text) {
  const answer = await fetch(`${address}${address.includes("?") ? "&" : "?"}${new URLSearchParams({ find: text })}`);
  if (!answer.ok) throw new Error(`find: ${answer.status}`);
  return answer.json();
}

/** Turn what the server found into ranges of the page; a turn found as a whole is its first words. */
function locate(transcript, spots) {
  const turns = new Map();
  const located = [];
  for (const [turn, begin, end] of spots) {
    if (!turns.has(turn)) {
      const words = transcript.querySelector(`.words[data-turn="${turn}"]`);
      turns.set(turn, words && { words, nodes: textNodes(words) });
    }
    const held = turns.get(turn);
    const range = held && rangeOf(held.nodes, begin, end > begin ? end : begin + 1);
    if (range) located.push({ words: held.words, range });
  }
  return located;
}

/** Say what must be said of a search besides its matches. */
function remark(sentences, { corrected, ignored }, text) {
  if (corrected !== null) return sentences.corrected.replace("{text}", text).replace("{corrected}", corrected);
  return ignored.length ? `${sentences.ignored} ${ignored.join(", ")}` : "";
}

/** Mark ranges without touching the page, where the browser can. */
function makePaint() {
  const [all, here] = ["found", "found-here"].map((name) => {
    if (!("highlights" in CSS)) return { clear() {}, add() {} };
    const made = new Highlight();
    CSS.highlights.set(name, made);
    return made;
  });
  here.priority = 1;
  return {
    all(found) { all.clear(); here.clear(); for (const { range } of found) all.add(range); },
    here(range) { here.clear(); here.add(range); },
  };
}

/** Take back the marks that the page came with. */
function unmark(transcript) {
  for (const mark of transcript.querySelectorAll("mark")) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
}

/** Bring a match to the middle of the window: a long turn may be higher than it. */
function bring(words, range) {
  words.closest(".turn").classList.add("settled"); // a turn left for later has no place yet
  words.scrollIntoView({ block: "center", behavior: "instant" });
  const { top, bottom } = range.getBoundingClientRect();
  const middle = (top + bottom) / 2 - window.innerHeight / 2;
  if (Math.abs(middle) > window.innerHeight / 4) window.scrollBy({ top: middle, behavior: "instant" });
}

/** Put buttons for the previous and the next match in place of what serves without script. */
function addButtons(form, go) {
  const submit = form.querySelector("button[type=submit]");
  for (const link of form.querySelectorAll("a.button")) link.remove();
  const before = document.createElement("button");
  before.type = "button";
  before.textContent = "↑";
  before.setAttribute("aria-label", submit.dataset.previous);
  before.addEventListener("click", () => go(-1));
  submit.before(before);
  submit.textContent = "↓";
  submit.setAttribute("aria-label", submit.dataset.next);
}
