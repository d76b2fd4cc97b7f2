/** The map of voices: a click goes there, a line shows where we are. The table beside it says it all. */

/** Tie the map to a player. */
export function mapVoices(lanes, player) {
  if (!lanes) return;
  const duration = Number(lanes.dataset.duration) / 1000;
  const units = lanes.viewBox.baseVal.width;
  const line = lanes.querySelector("line");
  lanes.addEventListener("click", (event) => {
    const { left, width } = lanes.getBoundingClientRect();
    player.seek(((event.clientX - left) / width) * duration);
  });
  player.audio.addEventListener("timeupdate", () => {
    const x = String(Math.min(units, (player.audio.currentTime / duration) * units));
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
  });
}
