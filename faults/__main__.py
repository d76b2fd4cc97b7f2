"""Faults by the thousand: `make faults`, or

    python -m faults [--faults 5000] [--seed N] [--minutes 40] [--lanes 3] [--table FILE] [--only KIND …]

Prints the seed first, a line a scene that was not survived, and the table last; exit status 1 where
anything was not survived. Stopped, by its time or by Ctrl-C, it is gone on with by the same command
with the same table. `--scene N --seed S` plays one scene again.
"""

import argparse
import os
import sys
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main() -> int:
    """Play the scenes; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m faults")
    parser.add_argument("--faults", type=int, default=5_000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("--table", type=Path, help="goes on with the run of this table, if there is one")
    parser.add_argument("--scene", type=int, help="play this scene alone")
    parser.add_argument("--only", nargs="*", default=[], help="kinds of faults, by name")
    parser.add_argument("--write", type=Path, help="a document between whose marks the table is written")
    asked = parser.parse_args()
    os.environ.update(dict.fromkeys(THREADS, "1"))  # a lane has no threads, or it could not fork
    from faults.running import go_on  # loads the whole program

    return go_on(asked)


if __name__ == "__main__":
    sys.exit(main())
