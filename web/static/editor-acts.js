/**
 * Acts on turns: cut, join, move a boundary, say who speaks, mark a doubt or a language, confirm,
 * undo. Each is one request, one line in history and one undo; the archive answers with the passage.
 */

import { shareTyped, wordAfter, splitWords } from "./editor-words.js";
import { clock } from "./times.js";

/** Make the acts of a passage, over its desk, its saver and its voice. */
export function makeActs({ desk, saver, listening, voice, panels, texts, base, showConflict }) {
  const done = [];
  const undone = [];
  let running = null; // the act being answered: the next one waits to see what it left

  const settled = async () => { while (running) await running; };

  const record = (body) => {
    if (body.act) { done.push(body.act); undone.length = 0; }
    voice.did(body.said, Boolean(body.act));
  };

  /** Ask for an act; the answer, or null where it was refused or cannot be asked now (and that was said). */
  const ask = async (path, fields) => {
    await settled();
    let end;
    running = new Promise((resolve) => { end = resolve; });
    try {
      const answer = await saver.ask(path, fields);
      if (!answer) { voice.say(saver.state === "signed-out" ? texts.signed_out_act : texts.offline_act); return null; }
      if (answer.status === 409 && answer.body.turns) show(answer.body);
      if (answer.status !== 200) { voice.say(answer.body.error); return null; }
      return answer.body;
    } finally {
      setTimeout(() => { running = null; end(); }); // once what it left is shown
    }
  };

  /** Show the passage as answered, with what only this browser holds, and open a turn of it. */
  const show = (body, { turn = null, ...where } = {}) => {
    const active = desk.active()?.turn ?? null;
    const held = body.turns.flatMap(({ id }) => (saver.held(id) ? [[id, saver.held(id).text]] : []));
    const caret = desk.field?.selectionStart ?? 0;
    desk.replaceAll(body.turns, held);
    for (const [conflicting, entry] of saver.conflicts()) if (desk.find(conflicting)) showConflict(conflicting, entry);
    const node = desk.find(turn ?? active) ?? (body.focus ? desk.find(body.focus) : null);
    if (node?.dataset.version) enter(node, { at: caret, ...where });
  };

  const enter = (node, where = {}) => {
    const held = saver.held(Number(node.dataset.turn));
    desk.open(node, { ...where, text: held ? held.text : null });
  };

  const versions = (...turns) => turns.map((turn) => desk.version(turn));

  const split = async () => {
    await settled();
    if (!desk.active()) return;
    const { turn } = desk.active();
    const { field } = desk;
    const [sent, place] = [field.value, field.selectionStart];
    const word = wordAfter(sent, place);
    if (word <= 0 || word >= splitWords(sent).length) { voice.say(texts.nothing_to_cut); return; }
    const before = splitWords(sent).slice(0, word).join(" ");
    const body = await ask(`/correct/turn/${turn}/split`, () => ({ version: desk.version(turn), head: before }));
    if (!body) return;
    const [head, tail] = shareTyped(sent, field.value, place);
    const typed = field.value !== sent;
    saver.forget(turn);
    show(body, { turn: body.focus, at: "start" });
    if (typed) keepTyped([turn, head], [body.focus, tail]);
    record(body);
  };

  /** What was typed while the archive answered goes on, in the turn where it belongs. */
  const keepTyped = (...pairs) => {
    for (const [turn, text] of pairs) {
      const told = desk.textOf(turn);
      if (text === told) continue;
      saver.hold(turn, text, { base: told, version: desk.version(turn) });
      if (desk.active()?.turn !== turn) { desk.showKept(turn, text); continue; }
      const node = desk.find(turn);
      const grown = text.length - told.length;
      desk.close();
      desk.open(node, { text, at: Math.max(0, grown) });
    }
  };

  const merge = async (keep = null) => {
    await settled();
    if (!desk.active()) return;
    const { turn } = desk.active();
    const { field } = desk;
    const first = desk.neighbour(turn, -1);
    if (!first?.dataset.version) { voice.say(texts.nothing_to_join); return; }
    if (keep === null && first.dataset.voice !== desk.find(turn).dataset.voice) {
      panels.askVoice(first, desk.find(turn), (chosen) => merge(chosen));
      return;
    }
    const [one, sent] = [Number(first.dataset.turn), field.value];
    const fields = () => {
      const [version, other] = versions(one, turn);
      return { version, other: turn, other_version: other, keep: keep ?? "first" };
    };
    const body = await ask(`/correct/turn/${one}/merge`, fields);
    if (!body) return;
    const now = field.value;
    saver.forget(turn);
    const joined = body.turns.find((answered) => answered.id === body.focus);
    const head = joined.text.length - sent.length;
    show(body, { turn: body.focus, at: Math.max(0, head) });
    if (now !== sent) keepTyped([body.focus, joined.text.slice(0, Math.max(0, head)) + now]);
    record(body);
  };

  const moveBoundary = async (toNext) => {
    await settled();
    if (!desk.active()) return;
    const { turn } = desk.active();
    const { field } = desk;
    const other = desk.neighbour(turn, toNext ? 1 : -1);
    if (!other?.dataset.version) { voice.say(texts.no_neighbour); return; }
    const word = wordAfter(field.value, field.selectionStart);
    if (word <= 0 || word >= splitWords(field.value).length) { voice.say(texts.nothing_to_move); return; }
    const [first, second] = toNext ? [turn, Number(other.dataset.turn)] : [Number(other.dataset.turn), turn];
    field.readOnly = true; // for as long as the archive takes: what would be typed has no place yet
    const fields = () => {
      const [version, otherVersion] = versions(first, second);
      const before = toNext ? [] : splitWords(desk.textOf(first));
      const head = [...before, ...splitWords(field.value).slice(0, word)].join(" ");
      return { version, other: second, other_version: otherVersion, head };
    };
    const body = await ask(`/correct/turn/${first}/boundary`, fields);
    field.readOnly = false;
    if (!body) return;
    show(body, { turn, at: toNext ? "end" : "start" });
    record(body);
  };

  const confirm = async () => {
    const { turn } = desk.active();
    saver.later(`/correct/turn/${turn}/confirm`, () => ({ version: desk.version(turn) }), (answer) => {
      if (answer.status !== 200) { voice.say(answer.body.error); return; }
      for (const answered of answer.body.turns) desk.refresh(answered);
      if (answer.body.act) done.push(answer.body.act);
      if (answer.body.finished) voice.finished(answer.body.said);
    });
    const next = desk.beside(turn, 1);
    if (next) enter(next, { confirmed: true });
    else { desk.close(); voice.reachedEnd(); }
    saver.flush();
  };

  const move = (step) => {
    const active = desk.active();
    const next = active ? desk.beside(active.turn, step) : desk.list.querySelector(".turn[data-version]");
    if (next) enter(next, { at: step < 0 ? "end" : "start" });
    else voice.say(step < 0 ? texts.first_turn : texts.last_turn);
  };

  const doubt = () => {
    const [begin, end] = desk.wordHere();
    const { field } = desk;
    field.focus();
    field.setSelectionRange(begin, end);
    if (begin < end) { desk.insert(`[${field.value.slice(begin, end)} ?]`); return; }
    const [, minutes, seconds] = /(\d+):(\d\d)$/.exec(clock(listening?.audio.currentTime ?? 0)) ?? ["", "0", "00"];
    desk.insert(`??? [${minutes} min ${seconds}]`);
  };

  const travel = async (from, to, path) => {
    await settled();
    const act = from.at(-1);
    if (!act) { voice.say(path === "undo" ? texts.nothing_to_undo : texts.nothing_to_redo); return; }
    const body = await ask(`${base}/${path}`, () => ({ act }));
    if (!body) return;
    from.pop();
    to.push(act);
    show(body);
    voice.did(body.said, path === "redo");
  };

  return {
    enter,
    show,
    record,
    ask,
    settled,
    acts: {
      split,
      merge: () => {
        const { field } = desk;
        if (field.selectionStart !== 0 || field.selectionEnd !== 0) return false;
        merge();
        return true;
      },
      headBack: () => moveBoundary(false),
      tailOn: () => moveBoundary(true),
      confirm,
      before: () => move(-1),
      after: () => move(1),
      doubt,
      undo: () => travel(done, undone, "undo"),
      redo: () => travel(undone, done, "redo"),
    },
    joinBefore: () => merge(),
    /** Take over what an earlier page of this passage did last: it can still be undone. */
    remember: (act) => { done.push(act); },
  };
}
