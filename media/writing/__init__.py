"""Transcripts written for others to read: one file a format, what they share beside them.

Everything here is pure but `gathering`, which reads the catalogue. What a format may not hold
(an arrow, a tag, a line break, a sign that turns the direction of reading) is taken out or
escaped by the format itself, so that no word and no name can end a cue, open a tag or speak
for somebody else (FAULTS 57).
"""
