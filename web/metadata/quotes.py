"""What machines read in the page of a quote: a Quotation of a Clip, and a Web Annotation of its sound.

https://schema.org/Quotation, https://www.w3.org/TR/annotation-model/,
https://www.w3.org/TR/media-frags/. A quote whose words may not be shown is described by none of
these.
"""

from typing import Any

from media.citing import Citable, write_coins
from media.episodes import Episode, episode_path
from media.quotes.values import Quote, join_words
from web.metadata.episodes import audio_address, describe_episode
from web.metadata.head import CARD_SIZE, Head, Tag, highwire, open_graph, pack_data

MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
MAX_SUMMARY = 300  # letters of a link's summary


def describe_quote_head(quote: Quote, cited: Citable, episode: Episode, site_url: str) -> Head:
    """Say what the head of a quote's page says."""
    width, height = CARD_SIZE
    summary = cited.quotation if len(cited.quotation) <= MAX_SUMMARY else cited.quotation[:MAX_SUMMARY] + "…"
    tags = open_graph(
        type="article",
        site_name=quote.show,
        title=" — ".join(part for part in (", ".join(cited.speakers), quote.show) if part),
        description=f"«\N{NO-BREAK SPACE}{summary}\N{NO-BREAK SPACE}»",
        url=cited.url,
        audio=f"{cited.url}/clip.mp3" if quote.start_ms is not None else "",
        audio__type="audio/mpeg" if quote.start_ms is not None else "",
        image=f"{cited.url}/card.png",
        image__width=str(width),
        image__height=str(height),
        image__alt=f"{quote.show} — {quote.episode}",
        locale=cited.language,
    )
    tags.append(Tag("name", "twitter:card", "summary_large_image"))
    tags += highwire(
        {
            "title": quote.episode,
            "author": cited.hosts or cited.speakers,
            "publication_date": f"{quote.published_at:%Y/%m/%d}" if quote.published_at else "",
            "journal_title": quote.show,
            "publisher": cited.publishers,
            "language": cited.language,
            "public_url": cited.url,
        }
    )
    return Head(
        tuple(tags), pack_data(describe_quotation(quote, cited, episode, site_url)), write_coins(cited)
    )


def describe_quotation(quote: Quote, cited: Citable, episode: Episode, site_url: str) -> dict[str, Any]:
    """Describe a quote as schema.org has it."""
    clip: dict[str, Any] = {
        "@type": "Clip",
        "name": quote.episode,
        "url": site_url + episode_path(quote.episode_id, quote.episode, quote.start_ms),
        "partOfEpisode": describe_episode(episode, site_url, quote.licence_url or quote.licence),
    }
    if quote.start_ms is not None and quote.end_ms is not None:
        clip |= {"startOffset": quote.start_ms / 1000, "endOffset": quote.end_ms / 1000}
    quotation: dict[str, Any] = {
        "@type": "Quotation",
        "url": cited.url,
        "text": cited.quotation,
        "inLanguage": cited.language,
        "dateCreated": quote.captured_at.isoformat(),
        "isBasedOn": clip,
    }
    if cited.speakers:
        quotation["creator"] = [{"@type": "Person", "name": name} for name in cited.speakers]
    return quotation


def describe_annotation(quote: Quote, cited: Citable, episode: Episode, site_url: str) -> dict[str, Any]:
    """Describe a quote as a Web Annotation: a stretch of the sound, and the words of a dated transcript."""
    targets: list[dict[str, Any]] = []
    sound = audio_address(episode, site_url)
    for span in quote.spans:
        words = [word for piece in span for word in piece.words]
        start_ms, end_ms = words[0].start_ms, words[-1].end_ms
        if sound and start_ms is not None and end_ms is not None:
            moment = f"t={start_ms / 1000:.3f},{end_ms / 1000:.3f}"
            selector = {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": moment}
            targets.append({"type": "SpecificResource", "source": sound, "selector": selector})
    text: dict[str, Any] = {"type": "TextQuoteSelector", "exact": quote.text}
    for name, pieces in (("prefix", quote.before), ("suffix", quote.after)):
        if pieces:
            text[name] = " ".join(join_words(piece.words) for piece in pieces)
    targets.append(
        {
            "type": "SpecificResource",
            "source": site_url + episode_path(quote.episode_id, quote.episode),
            "selector": text,
            "state": {"type": "TimeState", "sourceDate": quote.captured_at.isoformat()},
        }
    )
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": f"{cited.url}/annotation.jsonld",
        "type": "Annotation",
        "motivation": "bookmarking",
        "created": quote.captured_at.isoformat(),
        "canonical": cited.url,
        "body": {
            "type": "TextualBody",
            "value": cited.quotation,
            "language": cited.language,
            "format": "text/plain",
        },
        "target": targets,
    }
