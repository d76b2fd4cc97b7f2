/**
 * Lay the whole transcript out, a few turns at a time, while nothing else is to be done.
 *
 * The style sheet leaves turns that are out of sight for later, so that ninety minutes open at
 * once; left so, each would be laid out while it scrolls in (measured: half the frames are late on
 * a slow machine). Once all are laid out, scrolling costs nothing and every jump is exact.
 */

const AT_A_TIME = 20;

/** Lay out every turn of a transcript in idle moments, in order. */
export function settleTurns(transcript) {
  if (!("requestIdleCallback" in window)) return;
  const turns = [...transcript.querySelectorAll(".turn")];
  let next = 0;
  const step = () => {
    for (const turn of turns.slice(next, next + AT_A_TIME)) turn.classList.add("settled");
    next += AT_A_TIME;
    if (next < turns.length) requestIdleCallback(step);
  };
  requestIdleCallback(step);
}
