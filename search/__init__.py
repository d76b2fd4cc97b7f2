"""How words are found: analyzer, query, index, excerpts."""
