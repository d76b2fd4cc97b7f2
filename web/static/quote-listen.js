/** Hear a stretch of an audio element: from one moment to another, once or over and over. */

import { seekTo, start, whenReached } from "./audio.js";

const BREATH_MS = 600; // between two hearings of a loop
const SLACK_S = 0.3;

/**
 * Play from one moment (s) to another; whoever seeks elsewhere meanwhile is let go on.
 * `ended` is called at the end, `failed` where nothing can be played; returns what stops it.
 */
export function playStretch(audio, from, to, { loops = () => false, ended = () => {}, failed = () => {} } = {}) {
  let timer = 0;
  let giveUp = () => {};
  audio.dispatchEvent(new Event("stretch")); // whoever played something else here stops minding it
  const leave = () => {
    clearTimeout(timer);
    giveUp();
    audio.removeEventListener("seeking", mind);
    audio.removeEventListener("stretch", leave);
  };
  const mind = () => {
    if (audio.currentTime < from - SLACK_S || audio.currentTime > to + SLACK_S) leave();
  };
  const run = () => {
    giveUp = whenReached(audio, to, () => {
      audio.pause();
      if (loops()) timer = setTimeout(() => { seekTo(audio, from); run(); }, BREATH_MS);
      else { leave(); ended(); }
    });
    start(audio, failed);
  };
  seekTo(audio, from);
  audio.addEventListener("seeking", mind);
  audio.addEventListener("stretch", leave);
  run();
  return () => { leave(); audio.pause(); };
}
