/** Answers on their way to the archive: one after the other, kept in this browser until it has them. */

import { recall, remember } from "./editor-drafts.js";

const AGAIN_MS = 4_000;

/** Make the post of a sitting; `taken` hears what became of each answer, `kept` of one that waits. */
export function makePost(sitting, { taken, kept, shown }) {
  const store = `answers.${sitting}`;
  const waiting = recall(store) ?? [];
  const listeners = [];
  let busy = false;

  const keep = () => remember(store, waiting);

  const work = async () => {
    if (busy) return;
    busy = true;
    while (waiting.length) {
      const [address, body] = waiting[0];
      const answer = await ask(address, `${body}&shown=${shown()}`);
      if (!answer) { kept(); break; }
      waiting.shift();
      keep();
      taken(answer);
    }
    busy = false;
    if (waiting.length) setTimeout(work, AGAIN_MS);
    else for (const heard of listeners.splice(0)) heard();
  };

  window.addEventListener("online", work);
  if (waiting.length) work();
  return {
    send(address, data) { waiting.push([address, data.toString()]); keep(); work(); },
    idle: () => waiting.length === 0,
    /** Resolves once everything is sent. */
    settled: () => new Promise((resolve) => { if (waiting.length) listeners.push(resolve); else resolve(); }),
  };
}

/** Send one answer; null where the archive did not take it and may later. */
async function ask(address, body) {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  try {
    const answer = await fetch(address, { method: "POST", headers, body });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
