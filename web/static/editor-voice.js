/** What the editor says, in words: what was done, what is saved and where. Nothing is announced twice. */

/** Make the voice of a page. */
export function makeVoice(root, texts) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [told, saved, unsaved, undo] = ["said", "saved", "unsaved", "undo"].map(part);
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const atFirst = saved.textContent;
  let lastSaved = null;

  const showSaved = () => { set(saved, lastSaved ? texts.saved_at.replace("{time}", time.format(lastSaved)) : atFirst); };

  return {
    /** Say a sentence. */
    say(sentence) { undo.hidden = true; set(told, ""); set(told, sentence); },
    /** Say what was done, and offer to undo it. */
    did(sentence, undoable) { set(told, ""); set(told, sentence); undo.hidden = !undoable; },
    /** Something is typed that only this browser holds; shown, not announced. */
    unsaved() { unsaved.hidden = false; },
    /** The archive has it. */
    savedAt(moment) { lastSaved = moment; unsaved.hidden = true; showSaved(); },
    /** Say where what was typed is. */
    showSaving(state, count) {
      unsaved.hidden = state !== "saved" || count === 0;
      root.dataset.saving = state;
      part("sign-in").hidden = state !== "signed-out";
      const kept = (forms) => forms[plural.select(count)] ?? forms.other;
      if (state === "offline") set(saved, kept(texts.offline).replace("{count}", String(count)));
      else if (state === "signed-out") set(saved, texts.signed_out);
      else showSaved();
    },
    /** Every turn of the passage has been read. */
    finished(sentence) {
      part("finished").hidden = false;
      set(part("finished-told"), sentence);
    },
    /** The last turn is confirmed: go on to what comes after the passage. */
    reachedEnd() { document.getElementById("end").focus(); },
  };
}
