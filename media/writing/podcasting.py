"""Write the podcast namespace's JSON: transcripts (1.0) and chapters (1.2).

https://github.com/Podcastindex-org/podcast-namespace: transcripts/transcripts.md, chapters/jsonChapters.md.
The particulars stand beside the segments, under names that readers of the standard pass over.
"""

import json
from collections.abc import Sequence
from typing import Any

from media.transcript import Chapter, TurnKind
from media.writing.cues import cut_cues
from media.writing.script import Script, clean, lay_out, list_paragraphs, sound_line, speaker_name


def render_json(script: Script) -> str:
    """Write segments with speaker, seconds and body; a text without times has only the others."""
    language = script.labels.language
    document: dict[str, Any] = {
        "version": "1.0.0",
        "show": clean(script.episode.show_title),
        "title": clean(script.episode.title),
        "published": script.date,
        "language": script.language,
        "edition": script.edition.value,
        "about": script.edition_label,
        "licence": {
            "id": script.licence.id,
            "name": clean(script.licence.name(language)),
            "url": script.licence.url,
            "notice": clean(script.licence.notice(language)),
        },
        "notice": clean(script.notice),
        "url": script.page_url,
        "segments": _list_cues(script) if script.has_times else _list_paragraphs(script),
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def render_chapters(chapters: Sequence[Chapter], title: str, page_url: str | None) -> str:
    """Write chapters JSON; those without a time are left out, as the standard asks for one."""
    timed = sorted(
        ((chapter.start_ms, chapter.title) for chapter in chapters if chapter.start_ms is not None),
        key=lambda pair: pair[0],
    )
    rows = [
        {"startTime": start_ms / 1000, "title": clean(name)}
        | ({"url": f"{page_url}#t={start_ms // 1000}.{start_ms % 1000:03d}"} if page_url else {})
        for start_ms, name in timed
    ]
    document = {"version": "1.2.0", "title": clean(title), "chapters": rows}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _list_cues(script: Script) -> list[dict[str, Any]]:
    return [
        {
            "speaker": cue.speaker,
            "startTime": cue.start_ms / 1000,
            "endTime": cue.end_ms / 1000,
            "body": cue.text,
        }
        for cue in cut_cues(script.turns, script.labels, language=script.language)
    ]


def _list_paragraphs(script: Script) -> list[dict[str, Any]]:
    segments = []
    for part in lay_out(script):
        if isinstance(part, Chapter):
            continue
        name = speaker_name(part, script.labels)
        bodies = [clean(" ".join(word.text for word in words)) for words in list_paragraphs(part)]
        if part.turn.kind is not TurnKind.SPEECH:
            name, bodies = "", [sound_line(part, script.labels, script.language)]
        segments += [{"speaker": name, "body": body} for body in bodies]
    return segments
