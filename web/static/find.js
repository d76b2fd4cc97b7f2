/**
 * Find in this episode: accents, capitals and apostrophes aside. "3 of 17" is told; Enter goes on,
 * Shift+Enter back. All text stays in the page, so the browser's own find works as well.
 */

import { rangeOf, textNodes } from "./words.js";

const MAX_FOUND = 2000;

/** Make a form find its text in a transcript; `moved` is called before the page is moved. */
export function findInPage(form, transcript, moved) {
  const field = form.querySelector("input");
  const told = form.querySelector(".told");
  let texts = null;
  let found = [];
  let at = -1;
  let sought = "";

  form.hidden = false;
  const [all, here] = ["found", "found-here"].map((name) => {
    if (!("highlights" in CSS)) return { clear() {}, add() {} };
    const made = new Highlight();
    CSS.highlights.set(name, made);
    return made;
  });
  here.priority = 1;

  const search = () => {
    sought = fold(field.value.trim());
    found = [];
    at = -1;
    all.clear();
    here.clear();
    if (!sought) { told.textContent = ""; return; }
    texts ??= [...transcript.querySelectorAll(".words")].map((words) => {
      const nodes = textNodes(words);
      return { words, nodes, text: fold(nodes.map((node) => node.data).join("")) };
    });
    for (const { words, nodes, text } of texts) {
      for (let i = text.indexOf(sought); i >= 0 && found.length < MAX_FOUND; i = text.indexOf(sought, i + 1)) {
        const range = rangeOf(nodes, i, i + sought.length);
        if (range) { all.add(range); found.push({ words, range }); }
      }
    }
  };

  const go = (step) => {
    if (fold(field.value.trim()) !== sought) search();
    if (!found.length) { told.textContent = sought ? told.dataset.none : ""; return; }
    at = at < 0 && step < 0 ? found.length - 1 : (at + step + found.length) % found.length;
    const { words, range } = found[at];
    here.clear();
    here.add(range);
    words.scrollIntoView({ block: "center", behavior: "instant" });
    moved();
    told.textContent = told.dataset.found.replace("{at}", at + 1).replace("{total}", found.length);
  };

  form.addEventListener("submit", (event) => { event.preventDefault(); go(1); });
  form.querySelector("#find-before").addEventListener("click", () => go(-1));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); go(-1); }
  });
  field.addEventListener("input", () => { if (!field.value.trim()) search(); });
}

/** Fold a text for comparison, each character to one character. */
function fold(text) {
  return [...text].map((char) => {
    if (char === "’" || char === "ʼ") return "'".padEnd(char.length);
    if (char === "\u00a0" || char === "\u202f") return " ";
    const plain = char.normalize("NFD")[0].toLowerCase();
    return plain.length === char.length ? plain : char;
  }).join("");
}
