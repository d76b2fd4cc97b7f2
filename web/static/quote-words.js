/** Words chosen to be quoted, as the server reckons them: bounds, cuts, sentences, times. Pure. */

const HEARD = 1;
const BEGINS = 2;

/** Make a choice over words given as [start_ms, end_ms, flags]. */
export function makeChoice(words, first, last, cuts) {
  const most = words.length - 1;
  let state = keep(first, last, cuts);

  function keep(from, to, left) {
    const low = Math.max(0, Math.min(from, to, most));
    const high = Math.min(most, Math.max(from, to, 0));
    const inside = [];
    for (const [begin, end] of [...left].sort((one, other) => one[0] - other[0])) {
      const [at, upto] = [Math.max(begin, low + 1), Math.min(end, high - 1)];
      const before = inside[inside.length - 1];
      if (before && at <= before[1] + 1) before[1] = Math.max(upto, before[1]);
      else if (at <= upto) inside.push([at, upto]);
    }
    return { first: low, last: high, cuts: inside };
  }

  const begins = (at) => at <= 0 || Boolean(words[at][2] & BEGINS);
  const startOf = (at) => { let here = Math.max(0, at); while (!begins(here)) here -= 1; return here; };
  const endOf = (at) => { let here = Math.min(at, most); while (here < most && !begins(here + 1)) here += 1; return here; };
  const isCut = (at) => state.cuts.some(([begin, end]) => begin <= at && at <= end);
  const moves = {
    "start-sentence": ({ first: at, last: to }) => [startOf(at) < at ? startOf(at) : startOf(at - 1), to],
    "start-earlier": ({ first: at, last: to }) => [at - 1, to],
    "start-later": ({ first: at, last: to }) => [at + 1, to],
    "start-next": ({ first: at, last: to }) => [endOf(at) + 1, to],
    "end-before": ({ first: at, last: to }) => [at, startOf(to) - 1],
    "end-earlier": ({ first: at, last: to }) => [at, to - 1],
    "end-later": ({ first: at, last: to }) => [at, to + 1],
    "end-sentence": ({ first: at, last: to }) => [at, endOf(to) > to ? endOf(to) : endOf(to + 1)],
  };

  return {
    get first() { return state.first; },
    get last() { return state.last; },
    get cuts() { return state.cuts; },
    move(name) {
      const [from, to] = moves[name](state);
      if (from <= to) state = keep(from, to, state.cuts);
    },
    set(from, to) { state = keep(from, to, state.cuts); },
    leave(from, to) {
      const held = state.cuts.length;
      state = keep(state.first, state.last, [...state.cuts, [from, to]]);
      return state.cuts.length !== held || isCut(Math.max(from, state.first + 1));
    },
    back(place) { state = keep(state.first, state.last, state.cuts.filter((_, at) => at !== place)); },
    isCut,
    standing(at) { return at < state.first || at > state.last ? "out" : isCut(at) ? "cut" : "in"; },
    /** What is quoted, [first, last], cuts left out. */
    runs() {
      const held = [];
      let at = state.first;
      for (const [begin, end] of state.cuts) { held.push([at, begin - 1]); at = end + 1; }
      return [...held, [at, state.last]];
    },
    get count() { return this.runs().reduce((sum, [from, to]) => sum + to - from + 1, 0); },
    /** When it is heard, [start, end] in ms; null without times. */
    get heard() {
      const [start, end] = [words[state.first][0], words[state.last][1]];
      return start === null || end === null ? null : [start, end];
    },
    get lengthMs() {
      if (!this.heard) return null;
      return this.runs().reduce((sum, [from, to]) => sum + Math.max(0, words[to][1] - words[from][0]), 0);
    },
    isHeard(at) { return Boolean(words[at][2] & HEARD); },
    startsAt(at) { return words[at][0]; },
    endsAt(at) { return words[at][1]; },
  };
}
