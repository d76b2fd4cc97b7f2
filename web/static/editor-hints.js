/**
 * Words of the glossary that a turn nearly says: a button replaces each, as if it were typed.
 * What is offered comes from the archive once for the passage; nothing is replaced by itself.
 */

/** Offer the hints of a passage under its active turn. */
export function offerHints(address, desk, acts, texts) {
  let hints = null;
  const load = async () => {
    if (hints) return hints;
    hints = {};
    const answer = await fetch(address, { headers: { accept: "application/json" } }).catch(() => null);
    if (answer?.ok) hints = (await answer.json()).turns ?? {};
    return hints;
  };
  const replace = (wrong, right) => {
    const { field } = desk;
    const at = field.value.indexOf(wrong);
    if (at < 0) return;
    field.focus();
    field.setSelectionRange(at, at + wrong.length);
    desk.insert(right);
  };
  return {
    /** Show what is offered for a turn. */
    async show(turn) {
      const offered = (await load())[turn] ?? [];
      const active = desk.active();
      if (active?.turn !== turn) return;
      const place = active.node.querySelector(".hints");
      place.replaceChildren(...offered.filter(({ wrong }) => desk.field.value.includes(wrong)).map(({ wrong, right, others, link }) => {
        const item = document.createElement("p");
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = texts.replace_by.replace("{wrong}", wrong).replace("{right}", right);
        button.addEventListener("click", () => { replace(wrong, right); button.disabled = true; });
        item.append(button);
        if (others && link) {
          const elsewhere = document.createElement("a");
          elsewhere.href = link;
          elsewhere.textContent = texts.others.replace("{count}", String(others));
          item.append(" ", elsewhere);
        }
        return item;
      }));
    },
  };
}
