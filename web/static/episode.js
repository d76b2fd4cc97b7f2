/** The episode page: player, transcript that follows it, find, map of voices. Scripts only add. */

import { makePlayer } from "./player.js";
import { followTranscript } from "./follow.js";
import { findInPage } from "./find.js";
import { mapVoices } from "./lanes.js";
import { markStretch } from "./quote-stretch.js";
import { offerQuoting } from "./quote-select.js";
import { settleTurns } from "./settle.js";
import { readFragment } from "./times.js";

const transcript = document.getElementById("transcript");
document.documentElement.classList.add("with-script");

const find = document.getElementById("find");
const player = document.getElementById("player") ? makePlayer(document.getElementById("player")) : null;
const follower = player ? followTranscript(transcript, player) : null;
const stretch = player ? markStretch(transcript, player.audio) : null;
if (find) findInPage(find, transcript, () => follower?.letGo());
offerQuoting(document.getElementById("quote-bar"), player?.audio);
if (player) {
  mapVoices(document.getElementById("lanes"), player);
  obeyLinks();
  goToFragment();
  window.addEventListener("hashchange", goToFragment);
}
settleTurns(transcript);

/** Go where the address says: the audio too, without playing; a stretch is marked, and heard to its end. */
function goToFragment() {
  const moment = readFragment(window.location.hash);
  stretch.mark(moment);
  if (moment === null) return;
  player.seek(moment.start);
  follower.show(moment.start);
}

/** Links to a moment of this page seek the audio; a paused audio stays paused. */
function obeyLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const seconds = link.dataset.start ? Number(link.dataset.start) / 1000 : readFragment(link.hash)?.start;
    if (seconds === undefined) return;
    stretch.mark(null);
    player.seek(seconds);
    follower.resume();
    if (link.classList.contains("time")) {
      event.preventDefault();
      history.replaceState(null, "", link.hash);
      follower.show(seconds);
    }
  });
}
