"""What machines read in the page of an episode: a PodcastEpisode, its series, its sound, its chapters."""

from collections.abc import Sequence
from typing import Any

from media.episodes import Episode, episode_path
from media.licences import find_licence
from media.transcript import Chapter
from web.clock import format_iso_duration
from web.metadata.head import Head, highwire, open_graph, pack_data

AUDIO_TYPE = "audio/mpeg"  # of our copies


def describe_episode_head(
    episode: Episode, chapters: Sequence[Chapter], site_url: str, licence: str | None = None
) -> Head:
    """Say what the head of an episode's page says; `licence` is the episode's, or its show's."""
    document = describe_episode(episode, site_url, licence)
    timed = [(chapter.start_ms, chapter.title) for chapter in chapters if chapter.start_ms is not None]
    if timed:
        document["hasPart"] = [
            {
                "@type": "Clip",
                "name": title,
                "startOffset": start_ms / 1000,
                "url": site_url + episode_path(episode.id, episode.title, start_ms),
            }
            for start_ms, title in timed
        ]
    address = site_url + episode_path(episode.id, episode.title)
    tags = open_graph(
        type="article",
        site_name=episode.show_title,
        title=episode.title,
        url=address,
        audio=audio_address(episode, site_url),
        audio__type=AUDIO_TYPE if episode.listening_sha256 else "",
        locale=episode.spoken_language or episode.language or "",
    )
    published = f"{episode.published_at:%Y/%m/%d}" if episode.published_at else ""
    tags += highwire(
        {
            "title": episode.title,
            "author": tuple(person.name for person in episode.people),
            "publication_date": published,
            "journal_title": episode.show_title,
            "language": (episode.spoken_language or episode.language or "")[:2],
            "public_url": address,
        }
    )
    return Head(tuple(tags), pack_data(document))


def describe_episode(episode: Episode, site_url: str, licence: str | None = None) -> dict[str, Any]:
    """Describe an episode as schema.org has it."""
    document: dict[str, Any] = {
        "@type": "PodcastEpisode",
        "url": site_url + episode_path(episode.id, episode.title),
        "name": episode.title,
        "partOfSeries": {
            "@type": "PodcastSeries",
            "name": episode.show_title,
            "url": f"{site_url}/show/{episode.show_slug}",
        },
    }
    if episode.published_at:
        document["datePublished"] = episode.published_at.date().isoformat()
    if episode.duration_ms:
        document["duration"] = format_iso_duration(episode.duration_ms)
    if language := episode.spoken_language or episode.language:
        document["inLanguage"] = language
    if sound := audio_address(episode, site_url):
        document["associatedMedia"] = {
            "@type": "AudioObject",
            "contentUrl": sound,
            "encodingFormat": AUDIO_TYPE,
            "transcript": f"{site_url}/episode/{episode.id}/export.txt",
        }
    known = find_licence(licence or "")
    if known is not None and known.url:
        document["license"] = known.url
    return document


def audio_address(episode: Episode, site_url: str) -> str:
    """Say where our copy of an episode is heard; empty where there is none."""
    return f"{site_url}/episode/{episode.id}/audio.mp3" if episode.listening_sha256 else ""
