/**
 * Words of a turn being typed: which holds the caret, where marks go as text changes, and how two
 * people's changes to one turn are put together. Pure: texts in, places and texts out.
 */

const BREAKING = /[^\S\u00a0\u202f]+/u;

/** Say what changed between two texts: characters [begin, end) of the old became `added`. */
export function changeOf(before, after) {
  let begin = 0;
  const shortest = Math.min(before.length, after.length);
  while (begin < shortest && before[begin] === after[begin]) begin += 1;
  let tail = 0;
  while (tail < shortest - begin && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return { begin, end: before.length - tail, added: after.slice(begin, after.length - tail) };
}

/** Move marks [begin, end) along with a change; those whose word it touches go: somebody looked at them. */
export function moveMarks(marks, change) {
  const by = change.added.length - (change.end - change.begin);
  if (!by && change.begin === change.end) return marks;
  const before = ([, end]) => end < change.begin || (end === change.begin && /^\s/u.test(change.added));
  const after = ([begin]) => begin > change.end || (begin === change.end && /\s$/u.test(change.added));
  return marks.flatMap((mark) => {
    if (before(mark)) return [mark];
    return after(mark) ? [[mark[0] + by, mark[1] + by]] : [];
  });
}

/** Say with which word a cut at a place begins what follows: inside a word, with that word. */
export function wordAfter(text, place) {
  const count = splitWords(text.slice(0, place)).length;
  const inside = place > 0 && place < text.length && !BREAKING.test(text[place - 1]) && !BREAKING.test(text[place]);
  return inside ? count - 1 : count;
}

/** Cut a text into words, as the archive does: at breaking spaces only. */
export function splitWords(text) {
  return text.split(BREAKING).filter(Boolean);
}

/** Say where the word under a place begins and ends; an empty stretch between words. */
export function wordAround(text, place) {
  const isSpace = (char) => char === undefined || /\s/u.test(char);
  let begin = place;
  while (begin > 0 && !isSpace(text[begin - 1])) begin -= 1;
  let end = place;
  while (end < text.length && !isSpace(text[end])) end += 1;
  return [begin, end];
}

/** Leave a word's punctuation out of a stretch. */
export function bareWord(text, begin, end) {
  const bare = /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su.exec(text.slice(begin, end));
  return bare ? [begin + bare.index, begin + bare.index + bare[0].length] : [begin, end];
}

/** Find the next or previous stretch from a place; null past the last. */
export function markFrom(marks, place, step) {
  if (step > 0) return marks.find(([begin]) => begin > place) ?? null;
  return marks.findLast(([, end]) => end < place) ?? null;
}

/**
 * Put two changes of one text together. Where they touch different words, both hold; where they
 * meet, both texts follow each other, and a person chooses: not a character is lost.
 */
export function uniteTexts(...texts) {
  const [base, mine, theirs] = texts.map(hangPunctuation); // as the archive writes it: spaces are nobody's change
  const ours = changeOf(base, mine);
  const others = changeOf(base, theirs);
  const [first, second] = ours.begin <= others.begin ? [ours, others] : [others, ours];
  if (mine === theirs || theirs === base) return { text: mine, clean: true };
  if (mine === base) return { text: theirs, clean: true };
  if (first.end >= second.begin || !/\s/.test(base.slice(first.end, second.begin))) {
    return { text: `${theirs} ${mine}`, clean: false };
  }
  const text = base.slice(0, first.begin) + first.added + base.slice(first.end, second.begin)
    + second.added + base.slice(second.end);
  return { text, clean: true };
}

/** Hang French punctuation that stands apart on its word, by a no-break space. */
function hangPunctuation(text) {
  return text.replace(/ (?=[;:!?»%]+(?: |$))/gu, "\u00a0").replace(/(^| )« /gu, "$1«\u00a0");
}

const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu; // what turns the writing around, unseen

/** Make pasted text one line of words: no control or direction marks, which nobody sees. */
export function plainText(text) {
  return text.replace(CONTROLS, "").replace(DIRECTIONS, "").replace(new RegExp(BREAKING, "gu"), " ");
}

/**
 * Share out what was typed while a cut was being answered: the text was `sent`, is `now`, and is cut
 * at `place`. What was typed at the cut or after it is the second half's.
 */
export function shareTyped(sent, now, place) {
  const change = changeOf(sent, now);
  const cut = place + (/^\s*/u.exec(sent.slice(place))[0].length);
  const put = (text, begin, end) => text.slice(0, begin) + change.added + text.slice(end);
  const [head, tail] = [sent.slice(0, place).trimEnd(), sent.slice(cut)];
  if (change.begin === change.end && !change.added) return [head, tail];
  if (change.begin >= place) return [head, put(tail, Math.max(0, change.begin - cut), Math.max(0, change.end - cut))];
  return [put(head, Math.min(head.length, change.begin), Math.min(head.length, change.end)), tail];
}
