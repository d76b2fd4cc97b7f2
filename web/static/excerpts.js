/**
 * Play excerpts where they are. One audio element serves the page, so that starting one excerpt
 * stops any other. An excerpt stops at its end, then offers to go on.
 */

import { seekTo, start, whenReached } from "./audio.js";

/** Turn each link to a stretch of audio into a button that plays it. */
export function playExcerpts(list, audio) {
  const words = list.dataset;
  let current = null;
  let giveUp = () => {};

  const label = (button, text) => { button.firstChild.nodeValue = text; };
  const card = (button) => button.closest(".card");

  const settle = () => {
    if (!current) return;
    const playing = !audio.paused;
    card(current).classList.toggle("playing", playing);
    label(current, playing ? words.pause : current.dataset.ended ? words.continue : words.listen);
  };

  const leave = () => {
    giveUp();
    if (!current) return;
    audio.pause();
    delete current.dataset.ended;
    card(current).classList.remove("playing");
    label(current, words.listen);
    current = null;
  };

  const begin = (button) => {
    leave();
    current = button;
    const source = button.dataset.source;
    if (audio.getAttribute("src") !== source) audio.src = source;
    seekTo(audio, Number(button.dataset.start) / 1000);
    giveUp = whenReached(audio, Number(button.dataset.end) / 1000, () => {
      button.dataset.ended = "true";
      audio.pause();
    });
    start(audio, () => {
      card(button).querySelector(".told").textContent = words.failed;
      leave();
    });
  };

  const press = (button) => {
    if (button !== current) begin(button);
    else if (audio.paused) start(audio, leave);
    else audio.pause();
  };

  audio.addEventListener("play", settle);
  audio.addEventListener("pause", settle);
  audio.addEventListener("ended", leave);
  audio.addEventListener("stretch", leave); // selected words are heard instead
  for (const link of list.querySelectorAll("a.listen")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = link.className.replace("button", "").trim();
    button.append(...link.childNodes);
    Object.assign(button.dataset, { start: link.dataset.start, end: link.dataset.end });
    button.dataset.source = link.getAttribute("href").split("#")[0];
    button.addEventListener("click", () => press(button));
    link.replaceWith(button);
  }
}
