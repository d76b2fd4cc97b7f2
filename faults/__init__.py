"""Faults, by the thousand, against the real program: `make faults`.

Each scene is an archive of its own, on which a few faults fall one after the other, drawn from a
printed seed: the program is killed, its disk fills, its database is locked or restarted, its index
damaged, its network cut. A ledger holds every write that was acknowledged; after each fault the
archive is held against it and against the invariants of `faults.invariants`.
"""
