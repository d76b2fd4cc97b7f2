/**
 * What an act asks before it is done, in the page under the turn: who speaks and how far, a
 * language, a sound, whose text stays. The forms are those of the turn's own page, which works
 * without script. Nothing is modal: the text stays in reach, and closing goes back to it.
 */

import { wordAround } from "./editor-words.js";

/** Make the panels of a desk. */
export function makePanels({ desk, texts, base, getActs }) {
  const place = () => desk.active()?.node.querySelector(".panel");

  const close = () => {
    const panel = place();
    if (!panel || panel.hidden) return;
    const within = panel.contains(document.activeElement);
    panel.hidden = true;
    panel.replaceChildren();
    if (within) desk.field.focus();
  };

  const open = (title, ...parts) => {
    const panel = place();
    if (!panel) return null;
    const heading = make("h3", title);
    const back = make("button", texts.back_to_text);
    back.type = "button";
    back.addEventListener("click", close);
    const frame = make("div");
    frame.append(heading, ...parts, back);
    panel.replaceChildren(frame);
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest", behavior: "instant" });
    panel.querySelector("input:not([type=hidden]), select, button, textarea")?.focus();
    return panel;
  };

  /** Take a form off the turn's own page, and send it without leaving this one. */
  const openForm = async (name, fill = () => {}) => {
    await getActs().settled();
    const { turn } = desk.active();
    const page = await fetchPage(`${base}/turn/${turn}`);
    const form = page?.getElementById(name);
    if (!form) { getActs().refuse(page ? texts.signed_out_act : texts.offline_act); return; }
    const title = form.dataset.title;
    document.adoptNode(form);
    form.className = "";
    form.querySelector("h2").remove(); // the panel's own heading says it
    fill(form);
    open(title, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const typed = Object.fromEntries(new FormData(form, event.submitter));
      const body = await getActs().ask(form.getAttribute("action"), () => ({ ...typed, version: desk.version(turn) }));
      if (!body) return;
      const caret = desk.field?.selectionStart ?? 0;
      getActs().show(body, { turn: desk.find(turn) ? turn : body.focus, at: caret });
      getActs().record(body);
    });
  };

  /** Put the chosen words, or the one under the caret, into a form in place of its own choice. */
  const chosenWords = (form) => {
    const { field } = desk;
    const [from, to] = field.selectionStart === field.selectionEnd
      ? wordAround(field.value, field.selectionStart)
      : [wordAround(field.value, field.selectionStart)[0], wordAround(field.value, field.selectionEnd - 1)[1]];
    form.querySelector(".words-choice").replaceChildren(
      hidden("head", field.value.slice(0, from)),
      hidden("chosen", field.value.slice(from, to)),
      make("q", field.value.slice(from, to).trim()),
    );
  };

  return {
    close,
    speaker: () => openForm("speaker-form"),
    language: () => openForm("language-form", chosenWords),
    event: () => openForm("event-form"),
    /** Two voices would become one turn: ask which stays. */
    askVoice(first, second, chosen) {
      const choices = [[first, "first"], [second, "second"]].map(([node, keep]) => {
        const button = make("button", node.dataset.speaker);
        button.type = "button";
        button.addEventListener("click", () => { close(); chosen(keep); });
        return button;
      });
      open(texts.which_voice, ...choices);
    },
    /** Two people changed one turn: show both, and ask. */
    askText(turn, { mine, theirs, both, author }, choose) {
      const node = desk.find(turn);
      node.querySelector(".conflict")?.remove();
      const box = make("section");
      box.className = "conflict";
      box.setAttribute("aria-label", texts.two_texts);
      box.append(make("p", texts.two_texts_of.replace("{name}", author)));
      for (const [name, label, text] of [["mine", texts.mine, mine], ["theirs", texts.theirs, theirs], ["both", texts.both, both]]) {
        const quote = make("blockquote", text);
        const button = make("button", label);
        button.type = "button";
        button.addEventListener("click", async () => { if (await choose(name)) box.remove(); });
        const part = make("div");
        part.append(quote, button);
        box.append(part);
      }
      (node.querySelector(".body") ?? node).append(box);
    },
  };
}

/** Keep in the page a text whose turn is gone. */
export function showOrphan(draft, texts, dropped) {
  const place = document.getElementById("orphans");
  const box = make("section");
  box.className = "conflict";
  const text = make("textarea");
  text.readOnly = true;
  text.defaultValue = draft.text;
  text.setAttribute("aria-label", draft.label || texts.kept_text);
  const button = make("button", texts.drop_text);
  button.type = "button";
  button.addEventListener("click", () => { box.remove(); dropped(); });
  box.append(make("p", texts.gone.replace("{label}", draft.label)), text, button);
  place.append(box);
}

async function fetchPage(address) {
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function hidden(name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  return field;
}

/** Make an element that says something; texts of people stay texts. */
function make(name, text = "") {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}
