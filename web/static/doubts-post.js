/** Answers on their way to the archive: one after the other, kept in this browser until it has them. */

import { recall, remember } from "./editor-drafts.js";

const AGAIN_MS = 4_000;

/**
 * Make the post of a sitting. `taken` hears what became of each answer; `kept` of one that waits,
 * and whether somebody has to sign in first; `shown` says which doubt is on the page.
 */
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
      const { answer, forbidden } = await ask(address, `${body}&shown=${shown()}`);
      if (!answer) {
        const token = forbidden && await findToken(sitting);
        if (token) waiting[0] = [address, withToken(body, token)];
        else kept(Boolean(forbidden));
        break;
      }
      waiting.shift();
      keep();
      taken(answer);
    }
    busy = false;
    if (waiting.length) setTimeout(work, AGAIN_MS);
    else for (const heard of listeners.splice(0)) heard();
  };

  window.addEventListener("online", work);
  if (waiting.length) setTimeout(work);
  return {
    send(address, data) { waiting.push([address, data.toString()]); keep(); work(); },
    idle: () => waiting.length === 0,
    /** Resolves once everything is sent. */
    settled: () => new Promise((resolve) => { if (waiting.length) listeners.push(resolve); else resolve(); }),
  };
}

/** Send one answer; without an answer, the archive did not take it and may later. */
async function ask(address, body) {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  try {
    const sent = await fetch(address, { method: "POST", headers, body });
    return { answer: sent.ok ? await sent.json() : null, forbidden: sent.status === 401 || sent.status === 403 };
  } catch {
    return { answer: null, forbidden: false };
  }
}

/** Find the token of the forms of whoever is signed in now; null where nobody is. */
async function findToken(page) {
  try {
    const read = await fetch(page);
    if (!read.ok || read.redirected) return null;
    const held = new DOMParser().parseFromString(await read.text(), "text/html");
    return held.querySelector("input[name=form_token]")?.value ?? null;
  } catch {
    return null;
  }
}

function withToken(body, token) {
  const fields = new URLSearchParams(body);
  fields.set("form_token", token);
  return fields.toString();
}
