/**
 * One turn to hear and to decide on: it plays by itself when one comes from the turn before, stops
 * at its end, and obeys the editor's keys. Everything works without this, by forms and links.
 */

import { seekTo, start, whenReached } from "./audio.js";
import { recall, remember } from "./editor-drafts.js";
import { PRESETS, nameOf, obeyKeys, ownPreset, readKeys } from "./editor-keys.js";

const EARLIER_S = 1.5;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const audio = document.querySelector("audio.heard-turn");
const form = document.getElementById("decision");
const byItself = document.querySelector('[data-part="by-itself"]');
let giveUp = () => {};

if (audio) {
  const [from, to] = [Number(audio.dataset.start) / 1000, Number(audio.dataset.end) / 1000];
  audio.src = audio.getAttribute("src").split("#")[0];
  seekTo(audio, from);
  audio.addEventListener("play", () => {
    giveUp();
    if (audio.currentTime >= to - 0.1) seekTo(audio, from);
    giveUp = whenReached(audio, to, () => audio.pause());
  });
}

const play = () => { if (audio) start(audio, () => {}); };
const skip = (seconds) => { if (audio) seekTo(audio, Math.max(0, audio.currentTime + seconds)); };
const faster = (step) => {
  if (audio) audio.playbackRate = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(audio.playbackRate) + step))];
};
const acts = {
  play() {
    if (!audio) return;
    if (!audio.paused) { audio.pause(); return; }
    const from = Number(audio.dataset.start) / 1000;
    if (audio.currentTime > from) seekTo(audio, Math.max(from, audio.currentTime - EARLIER_S));
    play();
  },
  back: () => skip(-3),
  forward: () => skip(3),
  slower: () => faster(-1),
  faster: () => faster(1),
  confirm: () => { const send = form?.querySelector("button.primary"); if (send) form.requestSubmit(send); },
  after: () => document.querySelector('[data-act="skip"]')?.click(),
  doubt: () => document.getElementById("reason")?.focus(),
};

const kept = recall("keys") ?? {};
const keys = readKeys(kept.keys, PRESETS[kept.preset in PRESETS ? kept.preset : ownPreset()]);
const mine = form ? Object.keys(acts) : ["play", "back", "forward", "slower", "faster"];
obeyKeys(document, () => keys, (action) => {
  if (!mine.includes(action)) return false;
  acts[action]();
  return true;
});
document.addEventListener("keydown", (event) => {
  if (!event.repeat && kept.pedal?.key && nameOf(event) === kept.pedal.key) { event.preventDefault(); acts.play(); }
});

if (form) {
  const text = form.querySelector("#text");
  const send = form.querySelector("button.primary");
  text.addEventListener("input", () => {
    audio?.pause();
    if (send) send.textContent = text.value.trim() === text.defaultValue.trim() ? send.dataset.same : send.dataset.other;
  });
}
if (byItself && audio) {
  const box = byItself.querySelector("input");
  byItself.hidden = false;
  box.checked = recall("review.byItself") ?? true;
  box.addEventListener("change", () => remember("review.byItself", box.checked));
  const comesFromReview = document.referrer && new URL(document.referrer).pathname.startsWith("/review");
  if (box.checked && comesFromReview) play();
}
