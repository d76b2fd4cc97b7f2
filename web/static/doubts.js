/**
 * The doubt queue: a sentence, eight seconds, an answer; the next one is there before it is asked for.
 *
 * An answer shows the next doubt at once and is sent behind it. What cannot be sent is kept in this
 * browser and sent again. Keys are the editor's; no letter does anything but be typed.
 */

import { start } from "./audio.js";
import { makeLoop } from "./doubts-loop.js";
import { makePost } from "./doubts-post.js";
import { recall, remember } from "./editor-drafts.js";
import { PRESETS, nameOf, obeyKeys, ownPreset, readKeys } from "./editor-keys.js";

const desk = document.getElementById("desk");
const part = (name) => desk.querySelector(`[data-part="${name}"]`);
const asked = part("asked");
const byItself = part("by-itself").querySelector("input");

let form = null; // the doubt on the page
let loop = null;
let following = null; // the one after it, with its sound on its way

/** Make a doubt ready: its sound loads before it is shown. */
function prepare(node) {
  if (!node) return null;
  return { form: node, loop: makeLoop(node, start) };
}

function fromTemplate(content) {
  const node = content.querySelector("form.question");
  return node ? prepare(document.importNode(node, true)) : null;
}

/** Put a doubt on the page, and the caret into its box. */
function show(next, { play }) {
  loop?.pause();
  form = next?.form ?? null;
  loop = next?.loop ?? null;
  if (!next) { asked.replaceChildren(); return; }
  if (!form.isConnected) asked.replaceChildren(form);
  const field = form.querySelector(".typed");
  const send = form.querySelector("button.primary");
  field.addEventListener("input", () => {
    loop.rest();
    if ("asked" in field.dataset) send.textContent = isChanged(field) ? send.dataset.other : send.dataset.same;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.isComposing || event.repeat) return;
    event.preventDefault();
    form.requestSubmit(send);
  });
  field.focus();
  field.select();
  if (play && byItself.checked) loop.play();
}

const isChanged = (field) => field.value.trim() !== field.defaultValue.trim();

const post = makePost(desk.dataset.done, {
  /** The archive has taken an answer. */
  taken(body) {
    part("told").textContent = body.told;
    part("sign-in").hidden = true;
    part("others").hidden = !body.others;
    if (body.others) {
      part("others-text").textContent = body.others.text;
      part("others").querySelector("a").href = body.others.link;
    }
    part("undo").hidden = false;
    part("left").textContent = body.minutes === 1 ? desk.dataset.oneLeft : desk.dataset.left.replace("{minutes}", String(body.minutes));
    const bar = desk.querySelector("progress");
    bar.value = bar.max - body.minutes;
    const typing = form && isChanged(form.querySelector(".typed"));
    if (body.finished && !typing) { location.assign(desk.dataset.done); return; }
    const held = document.createElement("template");
    held.innerHTML = body.next ?? "";
    const next = fromTemplate(held.content);
    if (form && next?.form.dataset.doubt === form.dataset.doubt) return;
    if (form) following = next ?? following;
    else if (next) show(next, { play: true });
    else location.assign(desk.dataset.done);
  },
  /** Which doubt the page shows while an answer leaves: the archive sends the one after it. */
  shown: () => form?.dataset.doubt ?? "0",
  /** It cannot be reached, or asks to sign in: what was answered is kept. */
  kept(signedOut) {
    part("told").textContent = signedOut ? desk.dataset.signedOut : desk.dataset.offline;
    part("sign-in").hidden = !signedOut;
  },
});

desk.addEventListener("submit", (event) => {
  if (event.target !== form) {
    if (!post.idle()) { event.preventDefault(); post.settled().then(() => event.target.submit()); }
    return;
  }
  event.preventDefault();
  const data = new URLSearchParams(new FormData(form, event.submitter));
  if (!data.has("answer") && !data.get("hint") && !data.get("text").trim()) { form.querySelector(".typed").focus(); return; }
  const address = form.getAttribute("action");
  const next = following;
  following = null;
  show(next, { play: true });
  post.send(address, data);
});

const press = (name) => { const button = form?.querySelector(`button[data-act="${name}"]`); if (button) form.requestSubmit(button); };
const acts = {
  play: () => loop?.toggle(),
  back: () => loop?.again(),
  forward: () => loop?.skip(3),
  slower: () => loop?.changeSpeed(-1),
  faster: () => loop?.changeSpeed(1),
  confirm: () => press("confirm"),
  doubt: () => press("doubt"),
  unsure: () => press("unsure"),
  unsureBefore: () => part("undo").querySelector("button").click(),
  help: () => { part("help").open = true; part("help").querySelector("summary").focus(); },
};
const kept = recall("keys") ?? {};
const preset = kept.preset in PRESETS ? kept.preset : ownPreset();
const keys = readKeys(kept.keys, PRESETS[preset]);
obeyKeys(document, () => keys, (action) => {
  if (!(action in acts)) return false;
  acts[action]();
  return true;
});
document.addEventListener("keydown", (event) => {
  if (!event.repeat && kept.pedal?.key && nameOf(event) === kept.pedal.key) { event.preventDefault(); loop?.toggle(); }
});
if (kept.keys || preset !== "azerty") {
  for (const mark of desk.querySelectorAll("[data-key-of]")) mark.textContent = keys[mark.dataset.keyOf]?.[0] ?? "";
}

part("by-itself").hidden = false;
byItself.checked = recall("doubts.byItself") ?? true;
byItself.addEventListener("change", () => remember("doubts.byItself", byItself.checked));
following = fromTemplate(document.getElementById("next").content);
show(prepare(asked.querySelector("form.question")), { play: false });
