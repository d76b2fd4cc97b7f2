/** The editor of a passage: the desk, what is heard, what is saved, what keys do. Scripts only add. */

import { keepHeight } from "./covering.js";
import { makeActs } from "./editor-acts.js";
import { makeDesk } from "./editor-desk.js";
import { openDrafts, recall, remember } from "./editor-drafts.js";
import { offerHints } from "./editor-hints.js";
import { obeyKeys } from "./editor-keys.js";
import { followPassage, makeListening } from "./editor-listening.js";
import { makePanels, showOrphan } from "./editor-panels.js";
import { makeSaver } from "./editor-saving.js";
import { makeSession } from "./editor-session.js";
import { makeSettings } from "./editor-settings.js";
import { makeVoice } from "./editor-voice.js";
import { clock } from "./times.js";
import { uniteTexts } from "./editor-words.js";

const root = document.getElementById("editor");
const texts = JSON.parse(root.dataset.texts);
const { base } = root.dataset;
const place = `place.${root.dataset.account}.${base.split("/").slice(2).join(".")}`;
const RENEW_MS = 240_000; // a claim lapses after a quarter of an hour
const maxLength = Number(root.dataset.maxLength);

const voice = makeVoice(root, texts);
const session = makeSession(root, {
  back: () => { voice.say(texts.signed_in_again); saver.flush(); },
  another: (name) => voice.say(texts.signed_in_as_another.replace("{name}", name)),
});
const desk = makeDesk(root, {
  typed(turn, text) {
    hold(turn, text);
    listening?.typed();
  },
  entered(turn, { confirmed }) {
    listening?.entered(desk.active(), { confirmed });
    settings.show();
    hints.show(turn);
    notePlace();
  },
  left: () => saver.flush(),
  isHeld: (turn) => saver.held(turn) !== undefined,
  open: (turn, where) => acts.enter(desk.find(turn), where),
  broken: () => act("split"),
  cleaned: () => voice.say(texts.paste_cleaned),
});
const drafts = openDrafts(root.dataset.account, () => voice.say(texts.browser_keeps_nothing));
const saver = makeSaver(desk, drafts, session.post, {
  changed: (state, count) => voice.showSaving(state, count),
  saved(turn, answered, body) {
    desk.refresh(answered);
    if (body.act) acts.remember(body.act);
    voice.savedAt(new Date());
  },
  conflict(turn, entry) {
    showConflict(turn, entry);
    voice.say(texts.two_texts);
    voice.showSaving(saver.state, saver.count());
  },
  refused: (turn, body) => voice.say(body.error || texts.refused),
  gone(turn, entry) {
    showOrphan({ text: entry.text, label: desk.describe(turn).label }, texts, () => { saver.forget(turn); });
    voice.say(texts.stale_page);
  },
});
const bar = document.getElementById("listening");
const listening = bar ? makeListening(bar, desk) : null;
const panels = makePanels({ desk, texts, base, getActs: () => ({ ...acts, refuse: voice.say }) });
const acts = makeActs({ desk, saver, listening, voice, panels, texts, base, showConflict });
const settings = makeSettings(document.getElementById("settings"), texts, {
  toggle: () => listening?.toggle(), play: () => listening?.play(), pause: () => listening?.pause(),
});
const hints = offerHints(`${base}/hints`, desk, acts, texts);

document.documentElement.classList.add("with-script");
keepHeight(document.getElementById("listening-place"));
if (listening) followPassage(listening, desk.list);
obeyKeys(document, settings.getKeys, act);
root.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && !act(button.dataset.act)) desk.field?.focus();
});
if (document.readyState === "complete") begin();
else window.addEventListener("load", begin, { once: true }); // a fragment in the address takes the focus before

/** Do what a key or a button asks; false leaves a press to the browser. */
function act(action) {
  if (["play", "back", "forward", "slower", "faster"].includes(action)) {
    listening?.[action === "play" ? "toggle" : action]();
    return true;
  }
  if (action === "help") { document.getElementById("help").focus(); return true; }
  if (action === "before" || action === "after" || action === "unsure" || action === "unsureBefore") return go(action);
  if (action === "close") { desk.close(); return true; }
  const inField = desk.field && document.activeElement === desk.field;
  if ((action === "undo" || action === "redo") && inField && !desk.pristine) return false;
  if (["undo", "redo"].includes(action) && document.activeElement?.matches("input, textarea") && !inField) return false;
  if (["undo", "redo"].includes(action)) { acts.acts[action](); return true; }
  if (!desk.active()) return false;
  if (["split", "merge", "headBack", "tailOn"].includes(action) && !inField && document.activeElement?.matches("input, textarea, a, summary, select")) return false;
  if (document.activeElement?.matches("button") && ["split", "merge"].includes(action) && document.activeElement.dataset.act !== action) return false;
  if (["speaker", "language", "event"].includes(action)) { panels[action](); return true; }
  if (action === "join") { acts.joinBefore(); return true; }
  return acts.acts[action]() !== false;
}

/** Move between turns and between doubtful words, from anywhere in the passage. */
function go(action) {
  const elsewhere = document.activeElement?.closest("select, .panel, #settings");
  if (elsewhere && (action === "before" || action === "after")) return false;
  if (action === "before" || action === "after") acts.acts[action]();
  else if (!desk.goToUnsure(action === "unsure" ? 1 : -1)) voice.say(texts.no_unsure_word);
  return true;
}

/** Hold what was typed; a text that is too long stays here until it is shorter. */
function hold(turn, text) {
  const over = { base: desk.textOf(turn), version: desk.version(turn) };
  saver.hold(turn, text, over);
  if (text.length > maxLength) voice.say(texts.too_long.replace("{length}", String(text.length)).replace("{most}", String(maxLength)));
  else voice.unsaved();
}

/** Show two texts of one turn, to choose from. */
function showConflict(turn, entry) {
  const { theirs, author } = entry.met;
  const both = uniteTexts(entry.base, entry.text, theirs.text).text;
  panels.askText(turn, { mine: entry.text, theirs: theirs.text, both, author }, (name) => choose(turn, entry.met, name));
}

/** Take up which of two texts of one turn a person chose, with what was typed since; true once it is so. */
async function choose(turn, { theirs, conflict }, name) {
  const entry = saver.held(turn);
  const text = name === "both" ? uniteTexts(entry.base, entry.text, theirs.text).text : entry.text;
  const fields = { resolution: name, version: theirs.version, ...(name === "theirs" ? {} : { text }) };
  const body = await acts.ask(`/correct/conflict/${conflict}`, () => fields);
  if (!body) return false;
  saver.forget(turn);
  const active = desk.active()?.turn === turn;
  if (active) desk.close();
  for (const answered of body.turns) desk.refresh(answered);
  if (active) acts.enter(desk.find(turn));
  acts.record(body);
  voice.showSaving(saver.state, saver.count());
  return true;
}

/** Begin: bring back what this browser kept, then where this person was. */
function begin() {
  const mine = drafts.list().filter((draft) => String(draft.episode) === root.dataset.episode && draft.passage === root.dataset.passage);
  let found = 0;
  for (const draft of mine) {
    const node = desk.find(draft.turn);
    if (!node?.dataset.version) { showOrphan(draft, texts, () => drafts.drop(draft.turn)); continue; }
    if (draft.text === desk.textOf(draft.turn)) { drafts.drop(draft.turn); continue; }
    saver.hold(draft.turn, draft.text, draft);
    desk.showKept(draft.turn, draft.text);
    found += 1;
  }
  if (found) { voice.say(texts.drafts_found); saver.flush(); }
  const last = root.dataset.lastAct;
  if (last) acts.remember(Number(last));
  const asked = /^#t-(\d+)$/.exec(window.location.hash);
  const was = recall(place);
  const node = desk.find(asked ? asked[1] : was?.turn) ?? desk.list.querySelector(".turn[data-version]");
  if (node?.dataset.version) acts.enter(node, asked ? {} : { at: was?.turn ? was.caret : 0 });
  if (was && !asked && desk.find(was.turn) && was.seconds !== undefined) voice.say(texts.you_were_at.replace("{time}", clock(was.seconds)));
}

/** Note where this person is, to come back to. */
function notePlace() {
  const active = desk.active();
  if (active) remember(place, { turn: active.turn, caret: desk.field?.selectionStart ?? 0, seconds: active.start ?? undefined });
}

window.addEventListener("pagehide", () => { notePlace(); saver.leave(); });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") { notePlace(); saver.leave(); }
});
keepClaim();

/** While somebody works here the passage is theirs by name; who else works here is said once. */
function keepClaim() {
  let renewed = -Infinity;
  let told = "";
  const work = async () => {
    if (performance.now() - renewed < RENEW_MS) return;
    renewed = performance.now();
    const answer = await session.post(`${base}/renew`, {}).catch(() => null);
    const other = answer?.status === 200 ? answer.body.other ?? "" : told;
    if (other && other !== told) voice.say(texts.also_here.replace("{name}", other));
    told = other;
  };
  document.addEventListener("keydown", work);
  document.addEventListener("pointerdown", work);
  listening?.audio.addEventListener("timeupdate", work);
}
