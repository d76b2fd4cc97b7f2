"""The sentence that a search found, as words of its turn: what is chosen when one cites an excerpt. Pure."""

from search.answers import Excerpt
from web.quotes.sentences import find_sentences, sentence_end, sentence_start


def find_found(excerpt: Excerpt) -> tuple[int, tuple[int, int]]:
    """Find an excerpt's first word in its turn, then the sentences of its matches, first and last word."""
    begin = max(0, excerpt.turn_text.find(excerpt.text))
    words = excerpt.turn_text.split(" ")
    starts = find_sentences(words)
    matches = [(low + begin, high + begin) for low, high in excerpt.highlights] or [(begin, begin + 1)]
    first = excerpt.turn_text.count(" ", 0, matches[0][0])
    last = excerpt.turn_text.count(" ", 0, matches[-1][1])
    found = sentence_start(starts, first), sentence_end(starts, last, len(words))
    return excerpt.turn_text.count(" ", 0, begin), found


def choose_path(episode_id: int, turn_id: int, first: int | None = None, last: int | None = None) -> str:
    """Write the address at which words of a turn are chosen; without words, its first sentence."""
    words = "" if first is None else f"&first={first}&last={first if last is None else last}"
    return f"/quote/choose?episode={episode_id}&turn={turn_id}{words}"
