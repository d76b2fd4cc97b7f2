"""The library: shows, episodes, audio, transcripts and their history. Imports no other room."""
