"""Texts that people wrote of an episode: the documents kept unchanged, and what they say."""
