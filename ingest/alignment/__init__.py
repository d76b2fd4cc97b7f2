"""A human text laid on what was heard of its episode: every word a time, and honest words about it."""
