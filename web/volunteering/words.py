"""What these pages say about doubts, answers and lengths of audio."""

from media.errors import N_
from media.language import load_translations
from media.volunteering.doubts import Kind

# In a list of what is waiting.
KIND_NAMES = {
    Kind.MARKED: N_("Passages that somebody marked as doubtful"),
    Kind.DISCUSSED: N_("Passages that a reviewer wants discussed"),
    Kind.LOOP: N_("Passages where the machine repeated itself"),
    Kind.UNHEARD: N_("Words where no speech was heard"),
    Kind.UNPLACED: N_("Words of a published text that nobody was heard to say"),
    Kind.NEAR: N_("Words that look like a term of the glossary"),
    Kind.NAME: N_("Names that the machine was not sure of"),
    Kind.NUMBER: N_("Numbers that the machine was not sure of"),
    Kind.RARE: N_("Rare words that the machine was not sure of"),
    Kind.SPEAKER: N_("Voices that nobody has named"),
}
# Above one sentence: what is asked about the words that stand out in it.
KIND_QUESTIONS = {
    Kind.MARKED: N_("Somebody was not sure of these words"),
    Kind.DISCUSSED: N_("A reviewer wants these words discussed"),
    Kind.LOOP: N_("The machine may have repeated itself here"),
    Kind.UNHEARD: N_("The machine wrote words where it heard no speech"),
    Kind.UNPLACED: N_("The published text says this, but nobody was heard to"),
    Kind.NEAR: N_("This looks like a term of the glossary"),
    Kind.NAME: N_("The machine was not sure of this name"),
    Kind.NUMBER: N_("The machine was not sure of this number"),
    Kind.RARE: N_("The machine was not sure of these words"),
    Kind.SPEAKER: N_("Whose voice is this?"),
}
TOLD = {
    "confirmed": N_("Confirmed."),
    "skipped": N_("Skipped."),
    "cannot tell": N_("Marked as doubtful: somebody else will listen."),
    "undone": N_("Taken back. Here it is again."),
}
WRITTEN = N_("Written: “%(written)s”.")
REFUSED = N_("That could not be saved. What you typed is kept.")
GONE = N_("Somebody has settled this one meanwhile.")
MS_PER_MINUTE = 60_000
MINUTES_PER_HOUR = 60


def say_length(ms: int, language: str) -> str:
    """Say a length of audio in words, to the minute; to the second below one.

    >>> say_length(3 * 3_600_000 + 20 * 60_000, "en"), say_length(61_000, "en"), say_length(8_400, "en")
    ('3 h 20 min', '1 minute', '8 seconds')
    """
    ngettext = load_translations(language).ngettext
    if ms < MS_PER_MINUTE:
        seconds = ms // 1000
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = ms // MS_PER_MINUTE
    if minutes < MINUTES_PER_HOUR:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return f"{hours} h {rest:02d} min"


def say_reliable(ms: int, language: str) -> str:
    """Say what was made reliable.

    >>> say_reliable(300_000, "en"), say_reliable(42_300, "en")
    ('These 5 minutes are now reliable', 'These 42 seconds are now reliable')
    """
    ngettext = load_translations(language).ngettext
    if ms < MS_PER_MINUTE:
        seconds = max(1, ms // 1000)
        said = ngettext("This second is now reliable", "These %(count)d seconds are now reliable", seconds)
        return said % {"count": seconds}
    minutes = ms // MS_PER_MINUTE
    said = ngettext("This minute is now reliable", "These %(count)d minutes are now reliable", minutes)
    return said % {"count": minutes}


def say_others(places: int, episodes: int, language: str) -> str:
    """Say how often a correction could be made elsewhere."""
    translations = load_translations(language)
    where = translations.ngettext("in %(episodes)d episode", "in %(episodes)d episodes", episodes)
    what = translations.ngettext("%(places)d more", "%(places)d more", places)
    return f"{what % {'places': places}} {where % {'episodes': episodes}}"
