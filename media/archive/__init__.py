"""The whole archive as a folder of plain files, and back: open data for anybody, or a house that moves.

    manifest.json            what it is: format, version, kind, counts, licences, SHA-256 of every file
    data/*.jsonl             a row a line, a file a table
    texts/…/*.md             each text to read, of episodes that anybody may read
    audio/…                  the sound, where it was asked for

Public: only what anybody may read and hear, with what was withdrawn left out. Everything: every
row, accounts and history included, for the same house elsewhere. Both are read back into an empty
catalogue, and written again they are the same files.
"""
