"""What stands in our feeds: excerpts that can be read and played, episodes that are new.

An edition is a feed's language and the address of its site; all that it says is absolute, and
stands on its own in a reader that knows nothing of this archive.
"""

from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import Connection

from media.episodes import Episode, episode_path
from media.errors import N_, Message
from media.files import get_audio
from media.language import translate
from media.news import News
from search.answers import Excerpt
from web.atom import Enclosure, Entry, make_tag
from web.clock import format_day, format_fragment, format_position
from web.facets import STATE_NAMES
from web.results import LEAD_MS, mark_words


@dataclass(frozen=True, slots=True)
class Edition:
    """For whom a feed is written, and from where."""

    site_url: str  # without a slash at its end
    language: str
    name: str  # of the feed, in the identities of its entries

    @property
    def id(self) -> str:
        """Name the feed for ever."""
        return make_tag(self.site_url, self.name)

    def say(self, msgid: str, **values: str | int) -> str:
        """Say something in the feed's language."""
        return translate(Message(msgid, values), self.language)


def write_excerpt(
    connection: Connection, edition: Edition, excerpt: Excerpt, episode: Episode, others: str | None
) -> Entry | None:
    """Make an entry of an excerpt; `others` is the path of what else its episode says.

    None where its episode is being transcribed anew.
    """
    if episode.transcribed_at is None:
        return None
    sound = None
    if excerpt.start_ms is not None and excerpt.end_ms is not None:
        stretch = format_fragment(max(0, excerpt.start_ms - LEAD_MS), excerpt.end_ms)
        sound = _enclosure(connection, edition, episode, f"#{stretch}")
    speaker = _say_speaker(edition, excerpt)
    return Entry(
        id=f"{edition.id}/{excerpt.turn_id}",
        title=_title(edition, speaker, excerpt),
        updated=episode.transcribed_at,
        address=edition.site_url + reading_path(excerpt),
        author=speaker,
        content=_describe_excerpt(edition, excerpt, others),
        language=episode.spoken_language,
        enclosure=sound,
    )


def write_news(connection: Connection, edition: Edition, news: News) -> Entry:
    """Make an entry of an episode that became news."""
    episode = news.episode
    return Entry(
        id=f"{edition.id}/{episode.id}",
        title=episode.title,
        updated=news.at,
        address=edition.site_url + episode_path(episode.id, episode.title),
        author=episode.show_title,
        content=_describe_episode(edition, episode),
        language=episode.language,
        enclosure=_enclosure(connection, edition, episode),
    )


def reading_path(excerpt: Excerpt) -> str:
    """Write the path at which an excerpt is read, its turn marked even without script."""
    path = episode_path(excerpt.episode_id, excerpt.episode)
    if excerpt.start_ms is None:
        return f"{path}#t-{excerpt.turn_id}"
    fragment = format_fragment(excerpt.start_ms)
    return f"{path}?at={fragment.removeprefix('t=')}#{fragment}"


def _title(edition: Edition, speaker: str, excerpt: Excerpt) -> str:
    title = edition.say(N_("%(speaker)s in “%(episode)s”"), speaker=speaker, episode=excerpt.episode)
    place = format_position(excerpt.start_ms)
    return f"{title}, {place}" if place else title


def _describe_excerpt(edition: Edition, excerpt: Excerpt, others: str | None) -> str:
    state = edition.say(STATE_NAMES[excerpt.state.value])
    facts = [excerpt.show, format_day(excerpt.published, edition.language), excerpt.chapter, state]
    quote = mark_words(excerpt.text, excerpt.highlights)
    parts = [
        Markup("<blockquote><p>{}</p></blockquote>").format(quote),
        Markup("<p>{}</p>").format(" · ".join(filter(None, facts))),
    ]
    if others is not None:
        link = Markup('<p><a href="{}">{}</a></p>')
        said = edition.say(N_("All that this episode says of it"))
        parts.append(link.format(edition.site_url + others, said))
    return str(Markup("").join(parts))


def _describe_episode(edition: Edition, episode: Episode) -> str:
    day = format_day(episode.published_at, edition.language)
    facts = filter(None, [episode.show_title, day, format_position(episode.duration_ms)])
    described = Markup(episode.description)  # noqa: S704 -- sanitised as the last step before storage
    return str(Markup("<p>{}</p>").format(" · ".join(facts)) + described)


def _enclosure(
    connection: Connection, edition: Edition, episode: Episode, fragment: str = ""
) -> Enclosure | None:
    if episode.listening_sha256 is None:
        return None
    audio = get_audio(connection, episode.listening_sha256)
    address = f"{edition.site_url}/episode/{episode.id}/audio.mp3{fragment}"
    return None if audio is None else Enclosure(address, audio.media_type, audio.size_bytes)


def _say_speaker(edition: Edition, excerpt: Excerpt) -> str:
    if excerpt.speaker is not None:
        return excerpt.speaker
    if excerpt.voice is not None:
        return edition.say(N_("Voice %(number)s"), number=excerpt.voice)
    return edition.say(N_("Unknown voice"))
