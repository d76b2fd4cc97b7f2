/** Eight seconds of sound, heard three times over unless somebody types or stops them. */

import { seekTo, whenReached } from "./audio.js";

const TIMES = 3;
const BREATH_MS = 700;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5];
const EARLIER_S = 1.5;

let speed = 1; // kept from one doubt to the next

/** Tie a doubt's button and bar to its sound, which begins to load. */
export function makeLoop(form, start) {
  const audio = form.querySelector("audio");
  const [from, to] = [Number(form.dataset.start) / 1000, Number(form.dataset.end) / 1000];
  const button = form.querySelector('button[data-act="play"]');
  const bar = form.querySelector(".heard-so-far span");
  const told = form.querySelector('[data-part="audio-told"]');
  let left = TIMES;
  let timer = 0;
  let giveUp = () => {};

  audio.removeAttribute("controls");
  audio.src = audio.getAttribute("src").split("#")[0];
  form.querySelector(".listening").hidden = false;
  seekTo(audio, from);

  const run = () => {
    giveUp();
    audio.playbackRate = speed;
    giveUp = whenReached(audio, to, () => {
      audio.pause();
      left -= 1;
      if (left > 0) timer = setTimeout(() => { seekTo(audio, from); run(); }, BREATH_MS);
    });
    start(audio, () => { told.textContent = told.dataset.failed; });
  };
  const stop = () => { clearTimeout(timer); timer = 0; giveUp(); audio.pause(); };
  const begin = (place) => { stop(); left = TIMES; seekTo(audio, place); run(); };

  const loop = {
    /** Hear it from where it was left, a little earlier; from the start at first, and at the end. */
    play() {
      const inside = audio.currentTime > from + EARLIER_S && audio.currentTime < to - 0.1;
      begin(inside ? audio.currentTime - EARLIER_S : from);
    },
    again() { begin(from); },
    pause: stop,
    /** Somebody types: silence, until they ask again. */
    rest() { if (!audio.paused || timer) stop(); },
    toggle() { if (audio.paused && !timer) loop.play(); else stop(); },
    skip(seconds) { seekTo(audio, Math.min(to, Math.max(from, audio.currentTime + seconds))); },
    changeSpeed(step) {
      const place = SPEEDS.indexOf(speed) + step;
      speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, place))];
      audio.playbackRate = speed;
    },
  };

  button.addEventListener("click", loop.toggle);
  for (const name of ["play", "pause"]) {
    audio.addEventListener(name, () => {
      button.classList.toggle("on", !audio.paused);
      button.setAttribute("aria-label", audio.paused ? button.dataset.play : button.dataset.pause);
    });
  }
  audio.addEventListener("timeupdate", () => {
    const share = Math.min(1, Math.max(0, (audio.currentTime - from) / (to - from)));
    bar.style.inlineSize = `${Math.round(share * 100)}%`;
  });
  audio.addEventListener("playing", () => { told.textContent = ""; });
  return loop;
}
