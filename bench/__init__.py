"""Measurements, printed by `make bench`; not part of the program."""
