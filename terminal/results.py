"""The answer to a search, as a terminal shows it."""

from collections.abc import Iterator

from rich.text import Text

from media.errors import N_
from media.writing.clocks import clock
from search.answers import Excerpt, SearchResult
from terminal.saying import out, say


def print_result(result: SearchResult) -> None:
    """Print what was found, and all that a reader should know of how it was looked for."""
    out.print(f"{result.query}: " + say("excerpts found: %(count)d", count=result.total), style="bold")
    for remark in _remarks(result):
        out.print(remark)
    for excerpt in result.excerpts:
        _print_excerpt(excerpt)


def _remarks(result: SearchResult) -> Iterator[str]:
    if result.rebuilding is not None:
        yield say(
            "The index is being rebuilt (%(percent)d %%). Try again in a moment.", percent=result.rebuilding
        )
    if result.corrected:
        yield say("Nothing says exactly that; this is what “%(text)s” finds.", text=result.corrected)
    for left_out in result.ignored:
        yield say("Left out: %(part)s", part=left_out)
    for offered in result.suggestions:
        yield say("Did you mean “%(text)s” (%(count)d)?", text=offered.text, count=offered.count)
    for dropped in result.dropped:
        said = N_("Without “%(part)s”: %(count)d")
        yield say(said, part=dropped.part, count=dropped.count)
    if result.partial:
        yield say("The search was stopped at its time limit: more may match.")


def _print_excerpt(excerpt: Excerpt) -> None:
    when = "" if excerpt.start_ms is None else f"{clock(excerpt.start_ms)} "
    who = excerpt.speaker or (say("Voice %d") % excerpt.voice if excerpt.voice else "")
    out.print(f"  {when}{excerpt.show} — {excerpt.episode}" + (f" — {who}" if who else ""), style="cyan")
    out.print(Text.assemble("    ", *_marked(excerpt.text, excerpt.highlights)))


def _marked(text: str, highlights: tuple[tuple[int, int], ...]) -> Iterator[str | tuple[str, str]]:
    last = 0
    for begin, end in highlights:
        yield text[last:begin]
        yield text[begin:end], "bold reverse"
        last = end
    yield text[last:]
