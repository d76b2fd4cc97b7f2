/** The player: native buttons and a native slider over one audio element. */

import { seekTo, start } from "./audio.js";
import { keepHeight } from "./covering.js";
import { clock, inWords } from "./times.js";

/** Replace the browser's own controls by ours, and keep them true to the audio. */
export function makePlayer(root) {
  const audio = root.querySelector("audio");
  const part = (id) => root.querySelector(`#${id}`);
  const [play, slider, told] = [part("play"), part("seek"), part("audio-told")];
  let dragging = false;

  audio.removeAttribute("controls");
  root.querySelector(".controls").hidden = false;
  keepHeight(root);

  const showTime = (seconds) => {
    part("now").textContent = clock(seconds);
    slider.setAttribute("aria-valuetext", inWords(seconds));
    if (!dragging) slider.value = String(Math.floor(seconds));
  };
  const showState = () => {
    play.classList.toggle("on", !audio.paused);
    play.setAttribute("aria-label", audio.paused ? play.dataset.play : play.dataset.pause);
  };
  const showLength = () => {
    if (!Number.isFinite(audio.duration)) return;
    slider.max = String(Math.floor(audio.duration));
    part("length").textContent = clock(audio.duration);
  };
  const fail = () => { told.textContent = told.dataset.failed; };

  const player = {
    audio,
    seek(seconds) { seekTo(audio, Math.max(0, seconds)); showTime(Math.max(0, seconds)); },
    toggle() { if (audio.paused) start(audio, fail); else audio.pause(); },
  };

  play.addEventListener("click", player.toggle);
  for (const button of root.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => player.seek(audio.currentTime + Number(button.dataset.skip)));
  }
  slider.addEventListener("input", () => { dragging = true; showTime(Number(slider.value)); });
  slider.addEventListener("change", () => { dragging = false; player.seek(Number(slider.value)); });
  part("speed").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
  part("mute").addEventListener("click", () => { audio.muted = !audio.muted; });
  audio.addEventListener("volumechange", () => part("mute").setAttribute("aria-pressed", String(audio.muted)));
  audio.addEventListener("timeupdate", () => { if (!dragging) showTime(audio.currentTime); });
  audio.addEventListener("durationchange", showLength);
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, showState);
  audio.addEventListener("playing", () => { told.textContent = ""; });
  audio.addEventListener("error", fail);
  obeyKeys(player);
  showLength();
  showTime(audio.currentTime);
  return player;
}

/** Ctrl+Space and F8 play and pause from anywhere: no single letter does anything. */
function obeyKeys(player) {
  document.addEventListener("keydown", (event) => {
    if (event.repeat) return;
    const pressed = (event.ctrlKey && event.key === " ") || event.key === "F8";
    if (!pressed) return;
    event.preventDefault();
    player.toggle();
  });
}
