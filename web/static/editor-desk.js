/**
 * The passage on the page: static turns, of which the active one becomes a native text field.
 *
 * Nothing ever assigns a field's value while somebody types in it: that would break the browser's
 * own undo. What the archive answers replaces the turns at rest, and only the frame of the active one.
 */

import { bareWord, changeOf, markFrom, moveMarks, plainText, wordAround } from "./editor-words.js";
import { textNodes } from "./words.js";

/** Make the desk of a passage; `on` hears of what is typed, entered, left, and says what is held. */
export function makeDesk(root, on) {
  const list = root.querySelector(".turns");
  const frame = document.getElementById("desk");
  let li = null;
  let field = null;
  let marks = [];
  let before = "";
  let pristine = true;

  const find = (turn) => document.getElementById(`t-${turn}`);
  const identity = (node) => Number(node.dataset.turn);
  const wordsOf = (node) => node.querySelector(".words");
  const seconds = (node, name) => (node.dataset[name] ? Number(node.dataset[name]) / 1000 : null);

  const close = () => {
    if (!li) return;
    const [node, text] = [li, field.value];
    li.classList.remove("active");
    if (on.isHeld(identity(node))) showKept(node, text);
    wordsOf(node).hidden = false;
    li.querySelector(".desk").remove();
    [li, field] = [null, null];
    on.left(identity(node));
  };

  const showKept = (node, text) => {
    wordsOf(node).textContent = text;
    node.classList.add("kept");
  };

  const open = (node, { at = "start", select = null, confirmed = false, text = null, focus = true } = {}) => {
    if (node === li) { place(at, select); return; }
    close();
    li = node;
    const desk = frame.content.cloneNode(true);
    field = desk.querySelector("textarea");
    before = textOf(node);
    marks = marksOf(node);
    field.defaultValue = text ?? before;
    field.setAttribute("aria-label", node.dataset.label);
    if (wordsOf(node).lang) field.lang = wordsOf(node).lang;
    if (text !== null && text !== before) marks = moveMarks(marks, changeOf(before, text));
    before = field.value;
    pristine = true;
    wordsOf(node).hidden = true;
    wordsOf(node).after(desk);
    node.classList.add("active");
    fit();
    if (focus) place(at, select);
    on.entered(identity(node), { confirmed });
  };

  const place = (at, select) => {
    field.focus({ preventScroll: true });
    const caret = at === "end" ? field.value.length : at === "start" ? 0 : Math.min(at, field.value.length);
    field.setSelectionRange(...(select ?? [caret, caret]));
    const { top, bottom } = li.getBoundingClientRect();
    const { scrollPaddingBlockStart, scrollPaddingBlockEnd } = getComputedStyle(document.documentElement);
    const [above, below] = [parseFloat(scrollPaddingBlockStart), window.innerHeight - parseFloat(scrollPaddingBlockEnd)];
    if (top >= above && bottom <= below) return;
    li.scrollIntoView({ block: bottom - top > below - above ? "start" : "center", behavior: "instant" });
  };

  const fit = () => {
    if (CSS.supports("field-sizing", "content")) return;
    field.rows = Math.max(2, Math.ceil(field.value.length / Math.max(20, Math.floor(field.clientWidth / 9))) + 1);
  };

  const typed = () => {
    const now = field.value;
    marks = moveMarks(marks, changeOf(before, now));
    before = now;
    pristine = false;
    fit();
    on.typed(identity(li), now);
  };

  /** Put text where the caret is, as if it were typed: the field's own undo takes it back. */
  const insert = (text) => { field.focus(); document.execCommand("insertText", false, text); };

  list.addEventListener("input", (event) => { if (event.target === field) typed(); });
  list.addEventListener("paste", (event) => {
    if (event.target !== field) return;
    event.preventDefault();
    const pasted = event.clipboardData.getData("text/plain");
    const plain = plainText(pasted);
    insert(plain);
    if (plain !== pasted) on.cleaned();
  });
  list.addEventListener("drop", (event) => { if (event.target === field) event.preventDefault(); });
  list.addEventListener("beforeinput", (event) => {
    if (event.target === field && /^insert(LineBreak|Paragraph)$/.test(event.inputType)) {
      event.preventDefault(); // a turn is one line: what a bare Enter does, keys say
      on.broken();
    }
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("[data-act]")) return;
    const node = event.target.closest(".turn");
    if (!node || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const edit = event.target.closest("a.edit");
    if (edit) { event.preventDefault(); on.open(identity(node), {}); return; }
    const words = event.target.closest(".words");
    if (words && node.dataset.version && window.getSelection().isCollapsed) {
      on.open(identity(node), { at: placeIn(words, event) });
    }
  });

  const desk = {
    list,
    open,
    close,
    insert,
    find,
    place,
    textOf: (turn) => textOf(find(turn)),
    get field() { return field; },
    /** Whether nothing was typed since the active turn was opened: undo is then about acts. */
    get pristine() { return pristine; },
    /** The active turn: its identity, and its bounds in seconds. */
    active: () => li && { turn: identity(li), node: li, start: seconds(li, "start"), end: seconds(li, "end") },
    version: (turn) => Number(find(turn)?.dataset.version),
    /** Say of a turn what its draft needs to be known by later. */
    describe: (turn) => ({
      episode: Number(root.dataset.episode), passage: root.dataset.passage, label: find(turn)?.dataset.label ?? "",
    }),
    /** The editable turn after (1) or before (-1) another; null past the ends. */
    beside(turn, step) {
      const turns = [...list.querySelectorAll(".turn[data-version]")];
      return turns[turns.findIndex((node) => identity(node) === turn) + step] ?? null;
    },
    /** The neighbour, events too: what is merged, or given words. */
    neighbour: (turn, step) => (step < 0 ? find(turn)?.previousElementSibling : find(turn)?.nextElementSibling) ?? null,
    /** Show text that only this browser holds, in a turn at rest. */
    showKept(turn, text) { const node = find(turn); if (node && node !== li) showKept(node, text); },
    /** Put an answered turn in the place of the one on the page; the active field is left as it is. */
    refresh(answered) {
      const old = find(answered.id);
      if (!old) return;
      const fresh = read(answered.html);
      if (old !== li) { old.replaceWith(fresh); return; }
      old.querySelector(".who").replaceWith(fresh.querySelector(".who"));
      wordsOf(old).innerHTML = wordsOf(fresh).innerHTML;
      for (const name of ["version", "label", "start", "end"]) {
        if (fresh.dataset[name] !== undefined) old.dataset[name] = fresh.dataset[name];
      }
      old.classList.remove("kept");
      field.setAttribute("aria-label", old.dataset.label);
      if (field.value === textOf(old)) marks = marksOf(old);
    },
    /** Show the whole passage as answered: turns may have come, gone, or changed. */
    replaceAll(turns, keptTexts) {
      if (li) { li.querySelector(".desk").remove(); li.classList.remove("active"); }
      [li, field] = [null, null];
      list.replaceChildren(...turns.map((turn) => read(turn.html)));
      for (const [turn, text] of keptTexts) desk.showKept(turn, text);
    },
    /** Select the next doubtful word, of this turn or of those that follow; false past the last. */
    goToUnsure(step) {
      const from = field ? (step > 0 ? field.selectionStart : field.selectionEnd) : -1;
      const found = field && markFrom(marks, field.selectionStart === field.selectionEnd && step > 0 ? from - 1 : from, step);
      if (found) { place(0, found); return true; }
      for (let node = li ? desk.beside(identity(li), step) : list.querySelector(".turn[data-version]");
        node; node = desk.beside(identity(node), step)) {
        const there = marksOf(node);
        if (there.length) { on.open(identity(node), { select: there.at(step > 0 ? 0 : -1) }); return true; }
      }
      return false;
    },
    /** The word under the caret, or what is selected, without its punctuation. */
    wordHere() {
      const { selectionStart: begin, selectionEnd: end, value } = field;
      return bareWord(value, ...(begin === end ? wordAround(value, begin) : [begin, end]));
    },
  };
  return desk;
}

/** Read one turn of an answer; its text was escaped where it was written. */
function read(html) {
  const frame = document.createElement("template");
  frame.innerHTML = html;
  return frame.content.firstElementChild;
}

/** Read a turn's own text off the page. */
function textOf(node) {
  const words = node?.querySelector(".words");
  return words ? textNodes(words).map((part) => part.data).join("") : "";
}

/** List where a turn's doubtful words stand in its text. */
function marksOf(node) {
  const marks = [];
  let at = 0;
  for (const part of textNodes(node.querySelector(".words") ?? node)) {
    if (part.parentElement.closest(".unsure")) marks.push([at, at + part.data.length]);
    at += part.data.length;
  }
  return marks;
}

/** Say which character of a text a click is on. */
function placeIn(words, event) {
  const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const range = caret ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
  const [node, offset] = caret ? [caret.offsetNode, caret.offset] : [range?.startContainer, range?.startOffset];
  let at = 0;
  for (const part of textNodes(words)) {
    if (part === node) return at + offset;
    at += part.data.length;
  }
  return 0;
}
