"""Keeping what was entrusted to the house: verified, backed up, restored, moved to another database.

findings    what can be wrong with an archive, each in one sentence
verifying   the catalogue against itself; `sound`: against its files; `search.verifying`: the index
"""
