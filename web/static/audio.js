/** What every page's one audio element is asked: to go to a moment, and to stop at another. */

/** Go to a moment (s), once the audio knows its length. */
export function seekTo(audio, seconds) {
  const go = () => { audio.currentTime = seconds; };
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) go();
  else {
    audio.addEventListener("loadedmetadata", go, { once: true });
    if (audio.preload === "none") audio.load();
  }
}

/** Start playing; `failed` is called where the browser or the network refuses. */
export function start(audio, failed) {
  const playing = audio.play();
  if (playing) playing.catch((error) => { if (error.name !== "AbortError") failed(error); });
}

/** Call `reached` once when playback passes a moment (s); returns a function that gives up. */
export function whenReached(audio, seconds, reached) {
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (audio.paused || audio.seeking) return;
    const left = seconds - audio.currentTime;
    if (left <= 0.02) { stop(); reached(); return; }
    // timeupdate comes only four times a second: the last stretch is timed.
    if (left < 0.4) timer = setTimeout(look, (left * 1000) / audio.playbackRate);
  };
  const stop = () => { clearTimeout(timer); audio.removeEventListener("timeupdate", look); };
  audio.addEventListener("timeupdate", look);
  return stop;
}
