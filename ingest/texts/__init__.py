"""Texts that people wrote of an episode, read from whatever they come in."""

from ingest.texts.reading import read_text

__all__ = ["read_text"]
