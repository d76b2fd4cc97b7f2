"""How people make a transcript right: acts on turns, their history, claims, proposals, review."""
