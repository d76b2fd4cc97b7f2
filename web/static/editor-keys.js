/**
 * The editor's keys: what a press is called, which action it asks for, which presses are refused.
 *
 * Printed signs are matched by what they print (event.key), so that Ctrl+? is where each keyboard
 * has its question mark; held keys do not repeat an action. Refused: Tab and Esc (screen readers
 * take them), Ctrl+Alt (AltGr), Alt with a letter (it types), Ctrl with a digit (AZERTY prints é).
 */

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Process", "Unidentified"]);
const EDITING = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "Delete"]);
const BROWSERS = new Set([..."acfhlnprtvwx"].map((letter) => `Ctrl+${letter}`)); // copy, find, print, close a tab…

const AZERTY = {
  play: ["Ctrl+Space", "F8"],
  back: ["Ctrl+,"],
  forward: ["Ctrl+;"],
  slower: ["Ctrl+:"],
  faster: ["Ctrl+!"],
  confirm: ["Ctrl+Enter"],
  before: ["PageUp"],
  after: ["PageDown"],
  split: ["Enter"],
  merge: ["Backspace"],
  headBack: ["Shift+PageUp"],
  tailOn: ["Shift+PageDown"],
  doubt: ["Ctrl+?"],
  unsure: ["F9"],
  unsureBefore: ["Shift+F9"],
  speaker: ["F2"],
  language: ["Shift+F2"],
  event: ["F4"],
  undo: ["Ctrl+z"],
  redo: ["Ctrl+y"],
  help: ["F1"],
};

/** Keys that suit a keyboard or a habit; each names every action. */
export const PRESETS = {
  azerty: AZERTY,
  mac: { ...AZERTY, play: ["F8", "Ctrl+Space"], undo: ["Meta+z"], redo: ["Meta+Shift+z"] },
  bepo: { ...AZERTY, back: ["Ctrl+,"], forward: ["Ctrl+."], slower: ["Ctrl+;"], faster: ["Ctrl+:"] },
  qwerty: { ...AZERTY, back: ["Ctrl+,"], forward: ["Ctrl+."], slower: ["Ctrl+;"], faster: ["Ctrl+'"] },
  otranscribe: {
    ...AZERTY,
    back: ["F1"],
    forward: ["F2"],
    slower: ["F3"],
    faster: ["F4"],
    speaker: ["F6"],
    event: ["Shift+F6"],
    help: ["Shift+F1"],
  },
};

export const ACTIONS = Object.keys(AZERTY);

/** Name a press, as in "Ctrl+Enter"; null for a modifier alone or a letter being composed. */
export function nameOf(event) {
  if (MODIFIERS.has(event.key) || event.isComposing || event.getModifierState?.("AltGraph")) return null;
  const printed = event.key.length === 1;
  const key = event.key === " " ? "Space" : printed ? event.key.toLowerCase() : event.key;
  const isLetter = key.toLowerCase() !== key.toUpperCase();
  const shift = event.shiftKey && (!printed || isLetter || key === "Space"); // a sign says its own Shift
  return [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.metaKey && "Meta", shift && "Shift", key]
    .filter(Boolean)
    .join("+");
}

/** Say why a press cannot be given to an action: "taken", "screenReader", "types", "digit"; null where it can. */
export function refusal(name, code = "") {
  const parts = name.split(/\+(?=.)/);
  const key = parts.at(-1);
  const [ctrl, alt, meta] = ["Ctrl", "Alt", "Meta"].map((modifier) => parts.includes(modifier));
  const printed = key.length === 1;
  if (key === "Tab" || key === "Escape") return "screenReader";
  if (ctrl && alt) return "types";
  if (printed && alt) return "types";
  if (!ctrl && !meta && (printed || key === "Space" || EDITING.has(key))) return "types";
  if ((ctrl || meta) && (/^\d$/.test(key) || code.startsWith("Digit"))) return "digit";
  if (BROWSERS.has(name.replace("Meta", "Ctrl"))) return "taken";
  return null;
}

/** List presses that ask for two actions: [press, [action, action]]. */
export function findConflicts(keys) {
  const asked = new Map();
  for (const [action, names] of Object.entries(keys)) {
    for (const name of names) asked.set(name, [...(asked.get(name) ?? []), action]);
  }
  return [...asked].filter(([, actions]) => actions.length > 1);
}

/** Keep of stored keys what is known and allowed; the rest is the preset's. */
export function readKeys(stored, preset = AZERTY) {
  const keys = { ...preset };
  for (const action of ACTIONS) {
    const names = stored?.[action];
    if (Array.isArray(names) && names.every((name) => typeof name === "string" && !refusal(name))) {
      keys[action] = names;
    }
  }
  return keys;
}

/** Say which action a press asks for; null for none. */
export function actionOf(keys, name) {
  return ACTIONS.find((action) => keys[action].includes(name)) ?? null;
}

/** Call an action for each press that asks for one; an action that returns false leaves the press alone. */
export function obeyKeys(root, getKeys, act) {
  root.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    const action = name && actionOf(getKeys(), name);
    if (!action) return;
    if (event.repeat) {
      // Held: not done again; what types (Enter, Backspace) goes on typing only where it is typing.
      if (!["merge", "before", "after"].includes(action)) event.preventDefault();
      return;
    }
    if (act(action, event) !== false) event.preventDefault();
  });
}

/** Choose the preset that suits this machine: a Mac's, or that of a PC. */
export function ownPreset() {
  const platform = navigator.userAgentData?.platform ?? navigator.platform ?? "";
  return /mac/i.test(platform) ? "mac" : "azerty";
}
