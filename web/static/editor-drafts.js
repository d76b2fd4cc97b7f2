/**
 * What is typed, kept in this browser until the archive has it. One entry a turn, under the account
 * that typed it, so that nobody's text is ever saved in another's name.
 */

const PREFIX = "entendu.draft.";
const KEPT_DAYS = 90;

/** Open the drafts of an account; `full` is called once where this browser keeps nothing. */
export function openDrafts(account, full) {
  const own = `${PREFIX}${account}.`;
  let complained = false;

  const all = () => Object.keys(localStorage).filter((key) => key.startsWith(own)).flatMap((key) => {
    const draft = parse(localStorage.getItem(key));
    return draft ? [{ ...draft, turn: Number(key.slice(own.length)) }] : [];
  });

  return {
    /** Keep a turn's text: {text, base, version, episode, passage, label}. */
    keep(turn, draft) {
      try {
        localStorage.setItem(own + turn, JSON.stringify({ ...draft, at: Date.now() }));
      } catch {
        if (!complained) full();
        complained = true;
      }
    },
    /** Let go of a turn's text: the archive has it, or its author said so. */
    drop(turn) { quietly(() => localStorage.removeItem(own + turn)); },
    /** List this account's drafts, and clear away those of another season. */
    list() {
      return quietly(() => all().filter((draft) => {
        const old = Date.now() - draft.at > KEPT_DAYS * 86_400_000;
        if (old) localStorage.removeItem(own + draft.turn);
        return !old;
      })) ?? [];
    },
  };
}

/** Read something kept in this browser; null where nothing is. */
export function recall(key) {
  return quietly(() => parse(localStorage.getItem(`entendu.${key}`))) ?? null;
}

/** Keep something in this browser, where it may. */
export function remember(key, value) {
  quietly(() => localStorage.setItem(`entendu.${key}`, JSON.stringify(value)));
}

function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** Private browsing may refuse all storage: what is asked then lasts as long as the page. */
function quietly(work) {
  try { return work(); } catch { return undefined; }
}
