"""What the editor says and calls things, in the visitor's language: for its page and for its scripts.

Scripts hold no sentence of their own: they are given these, as JSON in an attribute of the page.
"""

import json
from collections.abc import Mapping
from typing import Any

from media.correction.journal import ActKind
from media.correction.speakers import Scope
from media.errors import N_
from media.language import load_translations

# Name in the scripts, what it does, its keys on a French PC.
ACTIONS: list[tuple[str, str, tuple[str, ...]]] = [
    ("play", N_("Play, pause"), ("Ctrl+Space", "F8")),
    ("back", N_("Back 3 seconds"), ("Ctrl+,",)),
    ("forward", N_("Forward 3 seconds"), ("Ctrl+;",)),
    ("slower", N_("Slower"), ("Ctrl+:",)),
    ("faster", N_("Faster"), ("Ctrl+!",)),
    ("confirm", N_("Confirm the turn, go to the next"), ("Ctrl+Enter",)),
    ("before", N_("Previous turn"), ("PageUp",)),
    ("after", N_("Next turn"), ("PageDown",)),
    ("split", N_("Split the turn at the cursor"), ("Enter",)),
    ("merge", N_("Merge with the turn before, from the start of the text"), ("Backspace",)),
    ("headBack", N_("Give what precedes the cursor to the turn before"), ("Shift+PageUp",)),
    ("tailOn", N_("Give what follows the cursor to the next turn"), ("Shift+PageDown",)),
    ("doubt", N_("Mark a doubt on the word, or write ???"), ("Ctrl+?",)),
    ("unsure", N_("Next unsure word"), ("F9",)),
    ("unsureBefore", N_("Previous unsure word"), ("Shift+F9",)),
    ("speaker", N_("Say who speaks"), ("F2",)),
    ("language", N_("Say in which language words are"), ("Shift+F2",)),
    ("event", N_("Write a sound: laughter, music…"), ("F4",)),
    ("undo", N_("Undo"), ("Ctrl+Z",)),
    ("redo", N_("Redo"), ("Ctrl+Y",)),
    ("help", N_("This help"), ("F1",)),
]

# Buttons under the active turn.
TOOLS = [
    ("confirm", N_("Confirm")),
    ("speaker", N_("Speaker")),
    ("doubt", N_("Doubt")),
    ("split", N_("Split here")),
    ("join", N_("Merge with the one before")),
    ("language", N_("Language")),
    ("event", N_("A sound after")),
    ("headBack", N_("Start → turn before")),
    ("tailOn", N_("End → next turn")),
    ("undo", N_("Undo")),
    ("redo", N_("Redo")),
    ("close", N_("Close this turn")),
]

KEY_NAMES = {
    "Ctrl": N_("Ctrl"),
    "Shift": N_("Shift"),
    "Meta": N_("Cmd"),
    "Space": N_("Space"),
    "Enter": N_("Enter"),
    "Backspace": N_("Backspace"),
    "PageUp": N_("Page Up"),
    "PageDown": N_("Page Down"),
}

REFUSALS = {
    "screenReader": N_("{key} cannot be chosen: screen readers and the page need it."),
    "types": N_("{key} cannot be chosen: it writes or moves in the text."),
    "digit": N_("{key} cannot be chosen: on some keyboards it arrives as a letter."),
    "taken": N_("{key} cannot be chosen: the browser uses it."),
}

TEXTS = {
    "saved_at": N_("Saved at {time}"),
    "signed_out": N_("Your session has ended. Your text is kept here; sign in and it is sent."),
    "signed_in_again": N_("You are signed in again. What was kept here is being sent."),
    "signed_in_as_another": N_("{name} is signed in now. Your text stays here until you sign in yourself."),
    "signed_out_act": N_("Your session has ended: sign in in another tab, then do this again."),
    "offline_act": N_("The archive cannot be reached: your text is kept here; do this again later."),
    "browser_keeps_nothing": N_("This browser keeps nothing here: stay on this page until it says “Saved”."),
    "drafts_found": N_("Text that this browser had kept is back, and is being sent."),
    "you_were_at": N_("You were at {time}"),
    "also_here": N_("{name} works on this passage too. Go on: neither text replaces the other."),
    "paste_cleaned": N_("What you pasted was put on one line, without invisible characters."),
    "too_long": N_("This turn has {length} characters and holds {most}: your text is kept here; split it."),
    "refused": N_("This could not be saved. Your text is kept here."),
    "stale_page": N_("This turn is no longer there. Your text is kept on this page."),
    "gone": N_("“{label}” is no longer there. This is what you had typed: copy it where it belongs."),
    "kept_text": N_("Text that you had typed"),
    "drop_text": N_("I no longer need this text"),
    "two_texts": N_("Two people changed this turn: choose which text stays. Both are kept in its history."),
    "two_texts_of": N_("{name} changed this turn meanwhile. Which text stays?"),
    "mine": N_("Keep mine"),
    "theirs": N_("Keep theirs"),
    "both": N_("Keep both"),
    "nothing_to_cut": N_("There is nothing to cut here: put the cursor between two words."),
    "nothing_to_join": N_("There is no turn before this one to merge with, in this passage."),
    "no_neighbour": N_("There is no turn there to give these words to, in this passage."),
    "nothing_to_move": N_("Put the cursor between two words: what is on one side goes."),
    "nothing_to_undo": N_("There is nothing to undo."),
    "nothing_to_redo": N_("There is nothing to redo."),
    "first_turn": N_("This is the first turn of the passage."),
    "last_turn": N_("This is the last turn of the passage."),
    "no_unsure_word": N_("No more unsure words on this side of the passage."),
    "which_voice": N_("Two people speak here. Whose turn does it become?"),
    "back_to_text": N_("Back to the text"),
    "or": N_("or"),
    "no_key": N_("none"),
    "no_pedal": N_("none yet"),
    "press_pedal": N_("Press your pedal now."),
    "press_key": N_("Press the key for: {action}."),
    "key_unchanged": N_("Nothing was changed."),
    "key_learnt": N_("{key}: learnt."),
    "preset_taken": N_("These keys are now yours, on this machine."),
    "asked_twice": N_("{key} is given to two actions: {actions}. The first one has it."),
    "replace_by": N_("Replace {wrong} by {right}"),
    "others": N_("{count} elsewhere"),
}

# Of the act that can be undone, as history names it.
ACTS = {
    ActKind.TEXT: N_("You changed the text of a turn."),
    ActKind.SPLIT: N_("You split a turn."),
    ActKind.MERGE: N_("You merged two turns."),
    ActKind.BOUNDARY: N_("You moved words from a turn to the next."),
    ActKind.SPEAKER: N_("You said who speaks."),
    ActKind.LANGUAGE: N_("You marked a language."),
    ActKind.EVENT: N_("You wrote a sound."),
    ActKind.REMOVE: N_("You removed a sound."),
    ActKind.STATE: N_("You confirmed a turn."),
}
ANY_ACT = N_("You changed this passage.")
FINISHED = N_("These minutes can now be trusted. Thank you.")


def say_act(kind: str, language: str) -> str:
    """Say what somebody did last, before offering to undo it."""
    msgids = {str(name): msgid for name, msgid in ACTS.items()}
    return load_translations(language).gettext(msgids.get(kind, ANY_ACT))


def say_scope(scope: Scope, count: int, language: str) -> str:
    """Say how far a speaker's name goes, with the turns that it would change."""
    translations = load_translations(language)
    ngettext, said = translations.ngettext, translations.gettext(N_("this turn only"))
    if scope is Scope.FROM_HERE:
        said = ngettext(
            "this voice from here on (%(count)d turn)", "this voice from here on (%(count)d turns)", count
        )
    elif scope is Scope.EPISODE:
        said = ngettext(
            "this voice in the whole episode (%(count)d turn)",
            "this voice in the whole episode (%(count)d turns)",
            count,
        )
    elif scope is Scope.EVERYWHERE:
        said = ngettext(
            "this name everywhere in the show (%(count)d turn)",
            "this name everywhere in the show (%(count)d turns)",
            count,
        )
    return said % {"count": count}


def say_finished(language: str) -> str:
    """Say that all of a passage has been read."""
    return load_translations(language).gettext(FINISHED)


def pack_texts(language: str) -> str:
    """Write all that scripts say, in a language, as JSON."""
    gettext = load_translations(language).gettext
    said: dict[str, Any] = _say(TEXTS, language)
    said["keys"] = _say(KEY_NAMES, language)
    said["refusals"] = _say(REFUSALS, language)
    said["actions"] = {name: gettext(msgid) for name, msgid, _ in ACTIONS}
    said["offline"] = {"one": _offline(language, 1), "other": _offline(language, 2)}
    return json.dumps(said, ensure_ascii=False)


def list_actions(language: str) -> list[tuple[str, str, str]]:
    """List the actions with their keys, as the help says them."""
    gettext = load_translations(language).gettext
    either = f" {gettext(TEXTS['or'])} "
    return [
        (name, gettext(text), either.join(_print_key(key, language) for key in keys))
        for name, text, keys in ACTIONS
    ]


def list_tools(language: str) -> list[tuple[str, str]]:
    """List the buttons under the active turn."""
    gettext = load_translations(language).gettext
    return [(name, gettext(text)) for name, text in TOOLS]


def _say(msgids: Mapping[str, str], language: str) -> dict[str, str]:
    gettext = load_translations(language).gettext
    return {name: gettext(msgid) for name, msgid in msgids.items()}


def _offline(language: str, count: int) -> str:
    ngettext = load_translations(language).ngettext
    return ngettext("Offline: {count} turn kept here", "Offline: {count} turns kept here", count)


def _print_key(key: str, language: str) -> str:
    gettext = load_translations(language).gettext
    return "+".join(gettext(KEY_NAMES[part]) if part in KEY_NAMES else part for part in key.split("+"))
