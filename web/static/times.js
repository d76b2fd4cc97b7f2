/** Places in the audio, as on a clock and in words. */

const LANGUAGE = document.documentElement.lang || "en";

/** Write seconds as on a clock: 12:34, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const pad = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** Write seconds in words for a screen reader; as on a clock where the browser cannot. */
export function inWords(seconds) {
  if (!("DurationFormat" in Intl)) return clock(seconds);
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = { hours: Math.floor(whole / 3600), minutes: Math.floor((whole % 3600) / 60), seconds: whole % 60 };
  const text = new Intl.DurationFormat(LANGUAGE, { style: "long" }).format(parts);
  return text || clock(whole);
}

/** Read the moment of a Media Fragment (#t=754.3 or #t=754.3,760), in seconds; null for any other. */
export function readFragment(hash) {
  const match = /^#t=(?:npt:)?(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?$/.exec(hash);
  return match ? Number(match[1]) : null;
}
