/**
 * Listening while typing: playing never leaves the text. Playing again starts a little earlier;
 * typing pauses where the mode says so; turn by turn, each turn is played to its own end.
 */

import { seekTo, start, whenReached } from "./audio.js";
import { recall, remember } from "./editor-drafts.js";
import { clock, inWords } from "./times.js";

const STEP_S = 3;
const TYPED_BEFORE_PAUSE_MS = 4_000;
const EARLIER_AFTER_PAUSE_S = 3;
const KEYS_REST_MS = 1_200;
const SPEEDS = [0.5, 0.6, 0.75, 0.9, 1, 1.25, 1.5, 1.75, 2];
const EARLIER_S = 1.5;

/** Tie the bar of controls to its audio; `desk` knows the passage and its active turn. */
export function makeListening(bar, desk) {
  const audio = bar.querySelector("audio");
  const part = (name) => bar.querySelector(`[data-part="${name}"]`) ?? document.querySelector(`#settings [data-part="${name}"]`);
  const [play, slider, told, speed] = ["play", "seek", "told", "speed"].map(part);
  const choices = { mode: "continuous", earlier: EARLIER_S, speed: 1, ...recall("listening") };
  let typingSince = 0;
  let typedAt = 0;
  let pausedByTyping = false;
  let resting = 0;
  let stopAt = () => {};
  let aim = null; // where the next play starts, where a turn was chosen while paused

  const [first, last] = [Number(bar.dataset.start) / 1000, Number(bar.dataset.end) / 1000];
  const fail = () => { told.textContent = told.dataset.failed; };
  const keep = () => remember("listening", choices);
  const seek = (seconds) => { aim = null; seekTo(audio, Math.max(0, seconds)); show(Math.max(0, seconds)); };
  const show = (seconds) => {
    part("now").textContent = clock(seconds);
    slider.value = String(Math.round(seconds));
    slider.setAttribute("aria-valuetext", inWords(seconds));
  };

  const run = () => {
    stopAt();
    const turn = desk.active();
    if (choices.mode === "turns" && turn?.end && audio.currentTime < turn.end) {
      stopAt = whenReached(audio, turn.end, () => { audio.pause(); aim = turn.start; });
    }
    start(audio, fail);
  };
  const begin = () => {
    pausedByTyping = false;
    const place = audio.currentTime || 0;
    const outside = place < first - STEP_S || place > last + STEP_S;
    if (aim !== null || outside) seek(aim ?? desk.active()?.start ?? first);
    else seek(Math.max(0, place - choices.earlier));
    run();
  };
  const pause = () => { pausedByTyping = false; audio.pause(); };

  const listening = {
    audio,
    play: () => { if (audio.paused) begin(); },
    pause,
    toggle: () => { if (audio.paused) begin(); else pause(); },
    back: () => seek(audio.currentTime - STEP_S),
    forward: () => seek(audio.currentTime + STEP_S),
    slower: () => changeSpeed(-1),
    faster: () => changeSpeed(1),
    seek,
    /** A turn became active: the next play is about it; turn by turn, it is played at once. */
    entered(turn, { confirmed }) {
      stopAt();
      if (turn.start === null) return;
      const inside = audio.currentTime >= turn.start - STEP_S && audio.currentTime < turn.end;
      if (choices.mode === "turns" && (confirmed || !audio.paused)) { seek(turn.start); run(); }
      else if (audio.paused && !inside) aim = turn.start;
    },
    /** A key typed something: where the mode says so, four seconds of it pause. */
    typed() {
      if (choices.mode !== "typing") return;
      const now = performance.now();
      if (now - typedAt > KEYS_REST_MS) typingSince = now;
      typedAt = now;
      if (!audio.paused && now - typingSince > TYPED_BEFORE_PAUSE_MS) { audio.pause(); pausedByTyping = true; }
      if (!pausedByTyping) return;
      clearTimeout(resting);
      resting = setTimeout(() => {
        if (!pausedByTyping || !audio.paused) return;
        pausedByTyping = false;
        seek(audio.currentTime - EARLIER_AFTER_PAUSE_S);
        run();
      }, KEYS_REST_MS);
    },
  };

  const changeSpeed = (step) => {
    const place = SPEEDS.findIndex((one) => one >= choices.speed - 0.01);
    setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (place < 0 ? 4 : place) + step))]);
  };
  const setSpeed = (rate) => {
    choices.speed = rate;
    audio.playbackRate = rate;
    audio.defaultPlaybackRate = rate;
    speed.value = String(rate);
    keep();
  };

  const choose = (name, read) => {
    const field = part(name);
    field.value = String(choices[name]);
    field.addEventListener("change", () => { choices[name] = read(field); keep(); stopAt(); });
  };

  audio.removeAttribute("controls");
  bar.querySelector(".controls").hidden = false;
  choose("mode", (field) => field.value);
  choose("earlier", (field) => Math.min(5, Math.max(0, Number(field.value) || 0)));
  speed.addEventListener("change", () => setSpeed(Number(speed.value)));
  setSpeed(SPEEDS.includes(choices.speed) ? choices.speed : 1);
  play.addEventListener("click", listening.toggle);
  part("back").addEventListener("click", listening.back);
  part("forward").addEventListener("click", listening.forward);
  slider.addEventListener("change", () => seek(Number(slider.value)));
  slider.addEventListener("input", () => show(Number(slider.value)));
  audio.addEventListener("timeupdate", () => { if (document.activeElement !== slider) show(audio.currentTime); });
  for (const name of ["play", "pause", "ended"]) {
    audio.addEventListener(name, () => {
      play.classList.toggle("on", !audio.paused);
      play.setAttribute("aria-label", audio.paused ? play.dataset.play : play.dataset.pause);
    });
  }
  audio.addEventListener("playing", () => { told.textContent = ""; });
  audio.addEventListener("error", fail);
  obeyMediaKeys(listening);
  show(first);
  aim = first;
  return listening;
}

/** Keys of keyboards and headsets that play and pause. */
function obeyMediaKeys(listening) {
  if (!("mediaSession" in navigator)) return;
  const tasks = { play: "play", pause: "pause", seekbackward: "back", seekforward: "forward" };
  for (const [name, task] of Object.entries(tasks)) {
    try { navigator.mediaSession.setActionHandler(name, () => listening[task]()); } catch { /* not this key */ }
  }
}

/** Mark in the passage the turn that is heard; nothing is announced. */
export function followPassage(listening, list) {
  const { audio } = listening;
  let current = null;
  audio.addEventListener("timeupdate", () => {
    const ms = audio.currentTime * 1000 + 30;
    const turns = [...list.querySelectorAll(".turn[data-start]")];
    const heard = turns.findLast((turn) => Number(turn.dataset.start) <= ms) ?? null;
    if (heard === current && heard?.hasAttribute("aria-current")) return;
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    heard?.setAttribute("aria-current", "true");
    current = heard;
  });
}
