"""Whoosh's files read and written as whole arrays, where Whoosh walks them one posting at a time."""
