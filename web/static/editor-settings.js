/**
 * The keys that each person chooses: a preset, then any key of any action, and a pedal that teaches
 * its own key. Kept on this machine; a key that is refused, or asked for twice, is said at once.
 */

import { recall, remember } from "./editor-drafts.js";
import { ACTIONS, PRESETS, findConflicts, nameOf, ownPreset, readKeys, refusal } from "./editor-keys.js";

const REMEMBERED = "keys";

/** Tie the settings of the page to the keys; `pedal` hears of the pedal's presses. */
export function makeSettings(section, texts, pedal) {
  const kept = recall(REMEMBERED) ?? {};
  let preset = kept.preset in PRESETS ? kept.preset : ownPreset();
  let keys = readKeys(kept.keys, PRESETS[preset]);
  const foot = { key: typeof kept.pedal?.key === "string" ? kept.pedal.key : null, hold: kept.pedal?.hold === true };
  const told = section.querySelector("[data-part=told]");
  const table = section.querySelector("[data-part=keys]");
  const chooser = section.querySelector("[data-part=preset]");
  let learning = null;

  const keep = () => remember(REMEMBERED, { preset, keys, pedal: foot });
  const print = (name) => name.split(/\+(?=.)/).map((part) => texts.keys[part] ?? part.replace(/^[a-z]$/, (letter) => letter.toUpperCase())).join("+");
  const printAll = (names) => names.map(print).join(` ${texts.or} `);

  const show = () => {
    chooser.value = preset;
    for (const action of ACTIONS) {
      const cell = table.querySelector(`[data-action="${action}"] kbd`);
      if (cell) cell.textContent = printAll(keys[action]) || texts.no_key;
    }
    for (const mark of document.querySelectorAll("[data-key-of]")) mark.textContent = printAll((keys[mark.dataset.keyOf] ?? []).slice(0, 1));
    for (const button of document.querySelectorAll("[data-act]")) {
      const names = keys[button.dataset.act];
      if (names?.length) button.title = printAll(names);
    }
    section.querySelector("[data-part=pedal-key]").textContent = foot.key ? print(foot.key) : texts.no_pedal;
    section.querySelector("[data-part=pedal-hold]").checked = foot.hold;
    const conflicts = findConflicts(keys);
    section.querySelector("[data-part=conflicts]").textContent = conflicts
      .map(([name, actions]) => texts.asked_twice.replace("{key}", print(name)).replace("{actions}", actions.map((action) => texts.actions[action]).join(", ")))
      .join(" ");
  };

  const learn = (what, button) => {
    learning = { what, button };
    told.textContent = what === "pedal" ? texts.press_pedal : texts.press_key.replace("{action}", texts.actions[what]);
  };

  const heard = (event) => {
    if (!learning) return;
    if (event.key === "Tab" || event.key === "Escape") { learning = null; told.textContent = texts.key_unchanged; return; }
    const name = nameOf(event);
    if (!name) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    const why = refusal(name, event.code);
    if (why) { told.textContent = texts.refusals[why].replace("{key}", print(name)); return; }
    const { what } = learning;
    learning = null;
    if (what === "pedal") foot.key = name;
    else keys = { ...keys, [what]: [name] };
    told.textContent = texts.key_learnt.replace("{key}", print(name));
    keep();
    show();
  };

  section.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-learn]");
    if (button) learn(button.dataset.learn, button);
  });
  chooser.addEventListener("change", () => {
    preset = chooser.value;
    keys = readKeys({}, PRESETS[preset]);
    told.textContent = texts.preset_taken;
    keep();
    show();
  });
  section.querySelector("[data-part=pedal-hold]").addEventListener("change", (event) => {
    foot.hold = event.target.checked;
    keep();
  });
  document.addEventListener("keydown", heard, { capture: true });
  obeyPedal(foot, pedal, () => learning !== null);
  section.querySelector(".for-script").hidden = false;
  show();
  return { getKeys: () => keys, show };
}

/** A pedal's key: pressed, it plays or pauses; where it is held, it plays for as long as it is down. */
function obeyPedal(foot, pedal, isLearning) {
  let down = false;
  document.addEventListener("keydown", (event) => {
    if (isLearning() || !foot.key || nameOf(event) !== foot.key) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || down) return;
    down = true;
    if (foot.hold) pedal.play();
    else pedal.toggle();
  }, { capture: true });
  document.addEventListener("keyup", (event) => {
    if (!down || !foot.key || event.key.toLowerCase() !== foot.key.split(/\+(?=.)/).at(-1).toLowerCase()) return;
    down = false;
    if (foot.hold) pedal.pause();
  }, { capture: true });
}
