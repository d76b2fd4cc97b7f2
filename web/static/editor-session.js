/**
 * Requests of the editor, and the session under them. A session that lapses loses nothing: the
 * person signs in in another tab, this page takes the new session's token and goes on.
 */

const LOOK_MS = 15_000;

/** Make what sends; `on` hears: back (signed in again), another (as somebody else). */
export function makeSession(root, on) {
  let token = root.dataset.token;
  let looking = 0;

  const look = async () => {
    const answer = await fetch("/correct/session", { headers: { accept: "application/json" } }).catch(() => null);
    const found = answer?.ok ? await answer.json() : null;
    if (!found?.account) return;
    if (String(found.account) !== root.dataset.account) { on.another(found.name); return; }
    token = found.token;
    clearInterval(looking);
    looking = 0;
    on.back();
  };

  const watch = () => {
    if (looking) return;
    looking = setInterval(look, LOOK_MS);
    look(); // a token that is too old is all that may be wrong
  };
  const seen = () => { if (looking && document.visibilityState === "visible") look(); };
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("focus", seen);

  return {
    /** Send a form as a script does: {status, body}; fails where there is no network. */
    async post(path, fields, keepalive = false) {
      const answer = await fetch(path, {
        method: "POST",
        keepalive,
        headers: { accept: "application/json" },
        body: new URLSearchParams({ ...fields, passage: root.dataset.passage, form_token: token }),
      });
      if (answer.status === 401) watch();
      const isJson = answer.headers.get("content-type")?.startsWith("application/json");
      return { status: answer.status, body: isJson ? await answer.json() : { error: "" } };
    },
  };
}
