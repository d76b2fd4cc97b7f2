/**
 * The transcript follows what is heard: the current turn is marked, its current word too, and it
 * is brought back to the middle of the window when it changes. Moving away lets go; a button,
 * a timestamp or scrolling back resumes. Nothing here is announced to screen readers.
 */

import { fetchTimes, rangeOf, textNodes, wordAt, wordBounds, wordIndex } from "./words.js";

const REMEMBERED = "entendu.follow";
const OWN_SCROLL_MS = 900; // a scroll this soon after ours is ours

/** Tie a transcript to a player; returns what the rest of the page may ask of it. */
export function followTranscript(transcript, player) {
  const { audio } = player;
  const [{ turns, starts }, ...beside] = tracksOf(transcript);
  const chapters = [...document.querySelectorAll(".contents a[data-start]")];
  const box = document.getElementById("follow");
  const chip = document.getElementById("return");
  const spoken = "highlights" in CSS ? new Highlight() : null;
  let times = null;
  let current = -1;
  let lastWord = "";
  let following = true;
  let ownScroll = 0;

  if (spoken) CSS.highlights.set("spoken", spoken);
  box.checked = read(REMEMBERED) !== "no";

  const inView = (turn) => {
    const { top, bottom } = turn.getBoundingClientRect();
    return bottom > 60 && top < window.innerHeight - 60;
  };
  const inMiddle = (turn) => {
    const { top, bottom } = turn.getBoundingClientRect();
    return top > window.innerHeight * 0.15 && Math.min(bottom, top + 200) < window.innerHeight * 0.75;
  };

  const bring = (turn) => {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const far = !inView(turn);
    ownScroll = performance.now();
    turn.scrollIntoView({ block: "center", behavior: calm || far ? "instant" : "smooth" });
  };

  const showChip = () => {
    chip.hidden = following || !box.checked || current < 0 || audio.paused;
    if (chip.hidden) return;
    const below = turns[current].getBoundingClientRect().top > window.innerHeight / 2;
    document.getElementById("return-arrow").textContent = below ? "↓" : "↑";
  };

  const markTurn = (index) => {
    if (index === current) return;
    turns[current]?.removeAttribute("aria-current");
    current = index;
    const turn = turns[index];
    turn?.setAttribute("aria-current", "true");
    markChapter(index < 0 ? 0 : starts[index]);
    if (turn && following && box.checked && !audio.paused && !inMiddle(turn)) bring(turn);
  };

  const markChapter = (ms) => {
    let begun = null;
    for (const link of chapters) {
      link.removeAttribute("aria-current");
      if (Number(link.dataset.start) <= ms + 1500) begun = link;
    }
    begun?.setAttribute("aria-current", "location");
  };

  /* Of the text beside, where both are shown, only what is heard is marked: the page follows one. */
  const markBeside = (track, index) => {
    if (index === track.current) return;
    track.turns[track.current]?.removeAttribute("aria-current");
    track.current = index;
    track.turns[index]?.setAttribute("aria-current", "true");
  };

  const wordIn = (turn, ms) => {
    const words = turn?.querySelector(".words");
    const held = words && times?.get(Number(words.dataset.turn));
    return { words, index: held ? wordAt(held, ms) : -1 };
  };

  const markWords = (ms) => {
    const heard = [turns[current], ...beside.map((track) => track.turns[track.current])].map((turn) => wordIn(turn, ms));
    const key = heard.map(({ words, index }) => (index < 0 ? "" : `${words.dataset.turn}:${index}`)).join();
    if (!spoken || key === lastWord) return;
    lastWord = key;
    spoken.clear();
    for (const { words, index } of heard) {
      if (index < 0) continue;
      const nodes = textNodes(words);
      const bounds = wordBounds(nodes.map((node) => node.data).join(""), index);
      const range = bounds && rangeOf(nodes, ...bounds);
      if (range) spoken.add(range);
    }
  };

  const update = (seconds) => {
    const ms = Math.round(seconds * 1000);
    markTurn(turnAt(starts, ms));
    for (const track of beside) markBeside(track, turnAt(track.starts, ms));
    markWords(ms);
  };

  const tick = () => {
    update(audio.currentTime);
    if (!audio.paused) requestAnimationFrame(tick);
  };

  const loadTimes = async () => {
    if (times) return;
    times = new Map();
    times = await fetchTimes(transcript.dataset.words).catch(() => new Map());
    if (!audio.paused || audio.currentTime) update(audio.currentTime);
  };

  const letGo = () => {
    if (!following || audio.paused) return;
    following = current >= 0 && inView(turns[current]);
    showChip();
  };
  const resume = () => { following = true; showChip(); };

  audio.addEventListener("play", () => { loadTimes(); resume(); requestAnimationFrame(tick); });
  audio.addEventListener("pause", showChip);
  audio.addEventListener("seeked", () => update(audio.currentTime));
  chip.addEventListener("click", () => { resume(); if (turns[current]) bring(turns[current]); });
  box.addEventListener("change", () => { write(REMEMBERED, box.checked ? "yes" : "no"); resume(); });
  window.addEventListener("scroll", () => {
    if (performance.now() - ownScroll < OWN_SCROLL_MS) return;
    if (following) letGo();
    else if (current >= 0 && inView(turns[current])) resume();
    else showChip();
  }, { passive: true });
  document.addEventListener("focusin", letGo);
  seekByWord(transcript, player, () => times, loadTimes, resume);

  return {
    letGo,
    resume,
    /** Mark and show the turn of a moment (s), playing or not. */
    show(seconds) {
      loadTimes();
      update(seconds);
      if (turns[current]) bring(turns[current]);
    },
  };
}

/** List the texts that are shown, the one that is followed first: its turns, in order, and when they begin. */
function tracksOf(transcript) {
  const tracks = new Map();
  for (const turn of transcript.querySelectorAll(".turn[data-start]")) {
    const text = turn.closest("[data-edition]")?.dataset.edition ?? "";
    if (!tracks.has(text)) tracks.set(text, { turns: [], starts: [], current: -1 });
    tracks.get(text).turns.push(turn);
    tracks.get(text).starts.push(Number(turn.dataset.start));
  }
  const first = transcript.querySelector("[data-edition]")?.dataset.edition ?? "";
  const followed = tracks.get(first) ?? { turns: [], starts: [], current: -1 };
  return [followed, ...[...tracks.values()].filter((track) => track !== followed)];
}

/** Say which turn is heard at a moment: the last that has begun; -1 before the first. */
function turnAt(starts, ms) {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= ms + 30) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A click on a word goes there; dragging selects, as everywhere. */
function seekByWord(transcript, player, getTimes, loadTimes, resume) {
  transcript.addEventListener("click", async (event) => {
    const words = event.target.closest(".words");
    if (!words || event.button !== 0 || !window.getSelection().isCollapsed) return;
    const place = caretAt(event.clientX, event.clientY);
    if (!place || !words.contains(place.node)) return;
    await loadTimes();
    const nodes = textNodes(words);
    const before = nodes.slice(0, nodes.indexOf(place.node)).reduce((sum, node) => sum + node.data.length, 0);
    const held = getTimes().get(Number(words.dataset.turn));
    if (!held || nodes.indexOf(place.node) < 0) return;
    const index = wordIndex(nodes.map((node) => node.data).join(""), before + place.offset);
    if (index < held.starts.length) { player.seek(held.starts[index] / 1000); resume(); }
  });
}

/** Say which character is under a point, in the browser's own way. */
function caretAt(x, y) {
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return caret && { node: caret.offsetNode, offset: caret.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && { node: range.startContainer, offset: range.startOffset };
}

/** Read a choice kept in this browser; null where it keeps nothing. */
function read(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

/** Keep a choice in this browser, where it may. */
function write(key, value) {
  try { localStorage.setItem(key, value); } catch { /* private browsing: the choice lasts this page */ }
}
