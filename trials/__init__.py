"""Trials of several machines on one: each a network namespace of its own, sharing PostgreSQL and audio."""
