/**
 * Saving: what is typed goes to the browser each second and to the archive when the keys rest or a
 * turn is left; acts on turns go in order, after the text that they stand on.
 *
 * Each save names the version of the turn that it changes. An answer that got lost is recognised
 * when the same text comes back as somebody's, so that a retry saves once. Another's text in the
 * way asks; a session that lapsed, a turn that is gone, a network that is down keep the text here.
 */

const DRAFT_MS = 1_000;
const IDLE_MS = 2_000;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 30_000;
const KEEPALIVE_BYTES = 60_000; // what a browser sends after its page is gone

/** Make what saves; `on` hears: changed, saved, conflict, refused, gone, answer. */
export function makeSaver(desk, drafts, post, on) {
  const held = new Map(); // turn → {text, base, version, sent, stuck: null, conflict, refused or gone}
  const asked = []; // acts that need no answer to go on: [path, fields, answered]
  let queue = Promise.resolve();
  let state = "saved"; // saved, offline, signed-out
  let retryMs = FIRST_RETRY_MS;
  let retry = 0;
  let idle = 0;
  let drafting = 0;

  const waiting = () => [...held.values()].filter((entry) => entry.text !== entry.base);
  const settle = (name) => { state = name; on.changed(state, waiting().length); };
  const keep = (turn) => {
    const entry = held.get(turn);
    if (entry) drafts.keep(turn, { ...desk.describe(turn), text: entry.text, base: entry.base, version: entry.version });
  };
  const keepAll = () => { drafting = 0; for (const turn of held.keys()) keep(turn); };
  const forget = (turn) => { held.delete(turn); drafts.drop(turn); };

  const later = () => {
    clearTimeout(retry);
    retry = setTimeout(() => saver.flush(), retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  /** Send one request, in its turn; null where the network or the session is not there. */
  const send = async (path, fields) => {
    const answer = await post(path, fields).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 429) { settle("offline"); later(); return null; }
    retryMs = FIRST_RETRY_MS;
    if (answer.status === 401) { settle("signed-out"); return null; }
    if (state !== "saved") settle("saved");
    return answer;
  };

  const saveTurn = async (turn) => {
    const entry = held.get(turn);
    if (!entry || entry.stuck) return;
    if (entry.text === entry.base) { forget(turn); on.changed(state, waiting().length); return; }
    const text = entry.text;
    const answer = await send(`/correct/turn/${turn}/text`, sending(entry));
    if (!answer) return;
    if (answer.status === 200) took(turn, entry, text, answer.body);
    else if (answer.status === 409) met(turn, entry, answer.body);
    else if (answer.status === 404) { entry.stuck = "gone"; on.gone(turn, entry, answer.body); }
    else { entry.stuck = "refused"; on.refused(turn, answer.body); }
  };

  /** What is sent of a turn: a retry of the same text bears the same token, and is one save. */
  const sending = (entry) => {
    if (entry.sent.at(-1) !== entry.text) {
      entry.sent.push(entry.text);
      entry.token = makeToken();
    }
    return { version: entry.version, text: entry.text, token: entry.token };
  };

  const took = (turn, entry, text, body) => {
    const now = body.turns.find((other) => other.id === turn);
    entry.base = text;
    entry.version = now.version;
    entry.sent = [];
    if (entry.text === text) forget(turn);
    on.saved(turn, now, body);
    on.changed(state, waiting().length);
  };

  const met = (turn, entry, body) => {
    if (entry.sent.includes(body.theirs.text)) { // our own save, whose answer was lost
      entry.version = body.theirs.version;
      entry.base = body.theirs.text;
      if (entry.text === entry.base) { forget(turn); on.saved(turn, body.theirs, body); }
      else rest(0);
      return;
    }
    entry.stuck = "conflict";
    entry.met = body;
    on.conflict(turn, entry, body);
  };

  const sendAsked = async () => {
    while (asked.length) {
      const [path, fields, answered] = asked[0];
      const answer = await send(path, fields());
      if (!answer) return;
      asked.shift();
      answered(answer);
    }
  };

  const rest = (ms = IDLE_MS) => {
    clearTimeout(idle);
    idle = setTimeout(() => saver.flush(), ms);
  };

  const inOrder = (work) => { queue = queue.then(work, work); return queue; };

  const saver = {
    get state() { return state; },
    /** Count the turns whose text is only here. */
    count: () => waiting().length,
    /** Say what is held of a turn, if anything. */
    held: (turn) => held.get(turn),
    /** Hold what is typed into a turn; `base` and `version` are what it was typed over. */
    hold(turn, text, { base, version }) {
      const entry = held.get(turn) ?? { base, version, sent: [], stuck: null };
      if (entry.text !== text && entry.stuck === "refused") entry.stuck = null; // worth another try
      entry.text = text;
      held.set(turn, entry);
      if (!drafting) drafting = setTimeout(keepAll, DRAFT_MS);
      rest();
    },
    /** List the turns for which two texts wait for a choice. */
    conflicts: () => [...held].filter(([, entry]) => entry.stuck === "conflict"),
    /** Let go of what is held of a turn. */
    forget,
    /** Send what is held; resolves when it has been answered, or has failed and will be tried again. */
    flush() {
      clearTimeout(idle);
      return inOrder(async () => {
        for (const turn of [...held.keys()]) await saveTurn(turn);
        await sendAsked();
      });
    },
    /** Ask for an act when it can be; `answered` hears of it. */
    later(path, fields, answered) { asked.push([path, fields, answered]); },
    /** Ask for an act, after the texts that it stands on; null where it cannot be asked now. */
    async ask(path, fields) {
      await saver.flush();
      return inOrder(() => send(path, { ...fields(), token: makeToken() }));
    },
    /** Keep everything here at once: the page may go. */
    leave() {
      keepAll();
      for (const [turn, entry] of held) {
        const fits = entry.text.length * 3 < KEEPALIVE_BYTES;
        if (fits && !entry.stuck && entry.text !== entry.base) {
          post(`/correct/turn/${turn}/text`, sending(entry), true).catch(() => null);
        }
      }
    },
  };
  window.addEventListener("online", () => saver.flush());
  return saver;
}

/** Make a name for one save, that no other has. */
function makeToken() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
