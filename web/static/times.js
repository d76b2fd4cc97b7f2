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

const NPT = /^(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d*)?)$/; // 754.3, 12:34.3, 1:02:34.3

/** Read a time as Media Fragments write it (normal play time), in seconds; null for any other. */
export function readTime(text) {
  const match = NPT.exec(text);
  if (!match || (match[2] !== undefined && Number(match[3]) >= 60)) return null;
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3]);
}

/**
 * Read the Media Fragment of an address: #t=754.3, #t=754.3,760, #t=npt:0:12:34,0:12:40, #t=,760.
 * {start, end} in seconds, the end null where none is given; null for anything else, reversed too.
 */
export function readFragment(hash) {
  const found = hash.replace(/^#/, "").split("&").map((pair) => /^t=(?:npt:)?(.+)$/.exec(decode(pair))).find(Boolean);
  if (!found) return null;
  const [from, to, more] = found[1].split(",");
  const start = from === "" ? 0 : readTime(from);
  const end = to === undefined ? null : readTime(to);
  if (start === null || more !== undefined || (to !== undefined && (end === null || end <= start))) return null;
  return { start, end };
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}
